"""Makes a post of the caller's, with a slug from its title."""

import re
import time

from alyx_functions import FunctionError, define_function


@define_function(
    input={
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "content": "string",
        "tags": {"type": "array", "items": "string", "optional": True},
    },
    output={"id": "string", "slug": "string"},
)
async def handler(input, ctx):
    if ctx.auth is None:
        raise FunctionError("Authentication required", 401, "UNAUTHORIZED")
    slug = re.sub(r"[^a-z0-9]+", "-", input["title"].lower()).strip("-")
    post = await ctx.db.posts.create(
        {
            "title": input["title"],
            "content": input["content"],
            "slug": f"{slug}-{int(time.time() * 1000)}",
            "author_id": ctx.auth["id"],
            "tags": input.get("tags", []),
        }
    )
    ctx.log.info("Post created", {"postId": post["id"], "authorId": ctx.auth["id"]})
    return {"id": post["id"], "slug": post["slug"]}
