"""What functions of an Alyx project are written with in Python.

    from alyx_functions import define_function, FunctionError

    @define_function(input={"title": {"type": "string", "maxLength": 200}})
    async def handler(input, ctx):
        return await ctx.db.posts.create({"title": input["title"]})
"""

from __future__ import annotations

from .define import Function, define_function
from .errors import DatabaseError, FunctionError
from .operators import add_to_set, inc, max_, min_, mul, pull, push

__all__ = [
    "DatabaseError",
    "Function",
    "FunctionError",
    "add_to_set",
    "define_function",
    "inc",
    "max_",
    "min_",
    "mul",
    "pull",
    "push",
]
