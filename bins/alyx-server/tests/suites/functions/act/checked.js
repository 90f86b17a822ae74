import { defineFunction } from "@alyx/functions";

export default defineFunction({
  input: { title: { type: "string", maxLength: 5 }, tags: { type: "array", items: "string", optional: true } },
  output: { length: "integer" },
  handler: (input) => ({ length: input.title.length }),
});
