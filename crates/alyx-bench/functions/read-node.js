// Reads one document as the caller.
import { defineFunction } from "@alyx/functions";

export default defineFunction({
  async handler(input, ctx) {
    const post = await ctx.db.posts.get(input.id, { fields: ["id"] });
    return { id: post.id };
  },
});
