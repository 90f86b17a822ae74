"""Does nothing: what is timed is everything around it."""
from alyx_functions import define_function


@define_function()
async def handler(input, ctx):
    return {"number": input["number"]}
