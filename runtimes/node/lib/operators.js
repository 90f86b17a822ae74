// Changes that the database makes to what is stored, in one step.

/** Adds to a number. */
export const inc = (amount = 1) => ({ $inc: amount });
/** Multiplies a number. */
export const mul = (factor) => ({ $mul: factor });
/** Keeps the smaller of the stored and this value. */
export const min = (value) => ({ $min: value });
/** Keeps the larger of the stored and this value. */
export const max = (value) => ({ $max: value });
/** Adds items to the end of an array. */
export const push = (...items) => ({ $push: items.length === 1 ? items[0] : { $each: items } });
/** Removes every item that is equal to this. */
export const pull = (item) => ({ $pull: item });
/** Adds the items that an array does not have yet. */
export const addToSet = (...items) => ({ $addToSet: items.length === 1 ? items[0] : { $each: items } });
