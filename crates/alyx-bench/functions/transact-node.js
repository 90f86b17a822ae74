// One transaction with one write, done with before the answer.
import { defineFunction } from "@alyx/functions";

export default defineFunction({
  async handler(input, ctx) {
    return await ctx.db.system.transaction(async (tx) => {
      const note = await tx.comments.create({ post_id: input.post, author_id: ctx.auth.id, content: "transact" });
      return { post: note.post_id };
    });
  },
});
