// A transaction that writes at once and then keeps everybody waiting for nearly as long as it may.
import { setTimeout as sleep } from "node:timers/promises";
import { defineFunction } from "@alyx/functions";

export default defineFunction({
  async handler(input, ctx) {
    return await ctx.db.system.transaction(async (tx) => {
      await tx.comments.create({ post_id: input.post, author_id: ctx.auth.id, content: "hold" });
      await sleep(900);
      return { same: true };
    });
  },
});
