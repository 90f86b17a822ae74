"""Reads one document as the caller."""

from alyx_functions import define_function


@define_function()
async def handler(input, ctx):
    post = await ctx.db.posts.get(input["id"], fields=["id"])
    return {"id": post["id"]}
