package functions

import (
	"bytes"
	"encoding/json"
)

// allows says whether the value is one of the rule's enum.
func (r *rule) allows(value any) bool {
	for _, allowed := range r.enum {
		if equalsJSON(value, allowed) {
			return true
		}
	}
	return false
}

// equalsJSON compares numbers as numbers and everything else by its text.
func equalsJSON(value any, raw json.RawMessage) bool {
	if number, ok := value.(json.Number); ok {
		left, leftErr := number.Float64()
		right, rightErr := json.Number(raw).Float64()
		return leftErr == nil && rightErr == nil && left == right
	}
	parsed, err := parseValue(raw)
	if err != nil {
		return false
	}
	left, leftErr := encodeJSON(value)
	right, rightErr := encodeJSON(parsed)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

func rawTexts(values []json.RawMessage) [][]byte {
	texts := make([][]byte, len(values))
	for i, value := range values {
		texts[i] = value
	}
	return texts
}
