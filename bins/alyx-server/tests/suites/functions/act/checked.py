from alyx_functions import define_function


@define_function(
    input={"title": {"type": "string", "maxLength": 5}, "tags": {"type": "array", "items": "string", "optional": True}},
    output={"length": "integer"},
)
def handler(input, ctx):
    return {"length": len(input["title"])}
