// Looked at by `tsc --strict --noEmit`; it never runs.
import { DatabaseError, FunctionError, defineFunction } from "@alyx/functions";

export default defineFunction({
  input: {
    title: { type: "string", maxLength: 200 },
    tags: { type: "array", items: "string", optional: true },
    size: "integer",
    author: { type: "object", properties: { name: { type: "string", nullable: true } } },
  },
  async handler(input, ctx) {
    const title: string = input.title;
    const size: number = input.size;
    const tags: string[] = input.tags ?? [];
    const name: string | null = input.author.name;
    // @ts-expect-error: no such field is declared
    input.nothing;
    if (ctx.auth === null) throw new FunctionError("no", { status: 401, code: "NO" });
    const id: string = ctx.auth.id;
    const post = await ctx.db.posts.create({ title, tags, size, name, author_id: id });
    const page = await ctx.db.collection<{ id: string }>("posts").list({ sort: ["-created_at"] });
    const first: string | undefined = page.docs[0]?.id;
    try {
      await ctx.db.system.transaction(async (tx) => tx.posts.update(post.id, { views: ctx.db.inc(1) }));
    } catch (error) {
      if (error instanceof DatabaseError) ctx.log.error(error.message, { status: error.status });
    }
    return { first, other: await ctx.fn.other({ id }) };
  },
});
