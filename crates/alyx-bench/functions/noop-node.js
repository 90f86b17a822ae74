// Does nothing: what is timed is everything around it.
import { defineFunction } from "@alyx/functions";

export default defineFunction({
  handler(input) {
    return { number: input.number };
  },
});
