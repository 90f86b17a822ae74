// A transaction that reads at its beginning and at its end, a second later.
import { setTimeout as sleep } from "node:timers/promises";
import { defineFunction } from "@alyx/functions";

export default defineFunction({
  async handler(input, ctx) {
    return await ctx.db.system.transaction(async (tx) => {
      const before = await tx.comments.count();
      await sleep(1000);
      return { same: before === (await tx.comments.count()) };
    });
  },
});
