// Makes a post of the caller's, with a slug from its title.
import { FunctionError, defineFunction } from "@alyx/functions";

export default defineFunction({
  input: {
    title: { type: "string", required: true, minLength: 1, maxLength: 200 },
    content: { type: "string", required: true },
    tags: { type: "array", items: "string", optional: true },
  },

  output: {
    id: { type: "string" },
    slug: { type: "string" },
  },

  async handler(input, ctx) {
    if (!ctx.auth) {
      throw new FunctionError("Authentication required", { status: 401, code: "UNAUTHORIZED" });
    }
    const slug = input.title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "");
    const post = await ctx.db.posts.create({
      title: input.title,
      content: input.content,
      slug: `${slug}-${Date.now()}`,
      author_id: ctx.auth.id,
      tags: input.tags ?? [],
    });
    ctx.log.info("Post created", { postId: post.id, authorId: ctx.auth.id });
    return { id: post.id, slug: post.slug };
  },
});
