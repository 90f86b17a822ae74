package functions

// Operator is a value of an update that the database works out from the stored one, in one step.
type Operator map[string]any

// Inc adds a number.
func Inc(by any) Operator { return Operator{"$inc": by} }

// Mul multiplies by a number.
func Mul(by any) Operator { return Operator{"$mul": by} }

// Min keeps the lesser of the stored value and this one.
func Min(value any) Operator { return Operator{"$min": value} }

// Max keeps the greater of the stored value and this one.
func Max(value any) Operator { return Operator{"$max": value} }

// Push adds items to the end of a list.
func Push(items ...any) Operator { return Operator{"$push": each(items)} }

// Pull takes all items out of a list that are equal to this one.
func Pull(item any) Operator { return Operator{"$pull": item} }

// AddToSet adds the items that a list does not have yet.
func AddToSet(items ...any) Operator { return Operator{"$addToSet": each(items)} }

// each is written for a single item, too: the item may look like something else by itself.
func each(items []any) map[string]any {
	return map[string]any{"$each": append([]any{}, items...)}
}
