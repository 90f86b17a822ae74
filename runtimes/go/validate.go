package functions

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxExact is the largest whole number up to which a double holds each exactly.
const maxExact = 1 << 53

// check holds an input against the shape. It returns the input as the handler gets it: defaults filled in,
// whole numbers written without a point.
func (s *shape) check(raw json.RawMessage) (json.RawMessage, []Fault) {
	value, err := parseValue(raw)
	if err != nil {
		return nil, []Fault{{Code: "TYPE", Message: err.Error()}}
	}
	input, ok := value.(*object)
	if !ok {
		return nil, []Fault{{Code: "TYPE", Message: "must be an object"}}
	}
	found := &faults{}
	s.checkObject("", input, found)
	if len(found.all) > 0 {
		return nil, found.all
	}
	checked, err := input.MarshalJSON()
	if err != nil {
		return nil, []Fault{{Code: "TYPE", Message: err.Error()}}
	}
	return checked, nil
}

// maxFaults keeps the answer to a hostile input from growing past the input itself.
const maxFaults = 1000

// faults gathers everything that is wrong.
type faults struct {
	all []Fault
}

func (f *faults) add(path, code, format string, arguments ...any) {
	if len(f.all) == maxFaults {
		return
	}
	f.all = append(f.all, Fault{Field: path, Code: code, Message: fmt.Sprintf(format, arguments...)})
}

// checkObject checks the fields in the order of the shape, then the unknown keys in the order of the input.
func (s *shape) checkObject(path string, input *object, found *faults) {
	for i := range s.fields {
		s.fields[i].check(path, input, found)
	}
	for _, key := range input.keys {
		if s.field(key) == nil {
			found.add(joinPath(path, key), "UNKNOWN_FIELD", "there is no field %q", key)
		}
	}
}

func (f *shapeField) check(path string, input *object, found *faults) {
	value, present := input.values[f.name]
	switch {
	case present:
		input.values[f.name] = f.rule.check(joinPath(path, f.name), value, found)
	case f.rule.fallback != nil:
		input.set(f.name, f.rule.fallback)
	case !f.rule.optional:
		found.add(joinPath(path, f.name), "REQUIRED", "is required")
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// check holds a value against the rule and returns it as the handler gets it.
func (r *rule) check(path string, value any, found *faults) any {
	if value == nil && (r.nullable || r.kind == "any") {
		return nil
	}
	fits := true
	switch r.kind {
	case "string":
		fits = r.checkString(path, value, found)
	case "bytes":
		fits = r.checkBytes(path, value, found)
	case "number", "integer":
		value, fits = r.checkNumber(path, value, found)
	case "boolean":
		_, fits = value.(bool)
	case "array":
		fits = r.checkArray(path, value, found)
	case "object":
		fits = r.checkProperties(path, value, found)
	}
	if !fits {
		found.add(path, "TYPE", "must be %s", article(r.kind))
		return value
	}
	if len(r.enum) > 0 && !r.allows(value) {
		found.add(path, "NOT_ALLOWED", "must be one of %s", bytes.Join(rawTexts(r.enum), []byte(", ")))
	}
	return value
}

func article(kind string) string {
	switch kind {
	case "bytes":
		return "bytes in base64"
	case "array", "object", "integer":
		return "an " + kind
	}
	return "a " + kind
}

func (r *rule) checkString(path string, value any, found *faults) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	r.checkLength(path, utf8.RuneCountInString(text), "characters", found)
	if r.pattern != nil && !r.pattern.MatchString(text) {
		found.add(path, "PATTERN", "must match %s", r.pattern)
	}
	return true
}

func (r *rule) checkBytes(path string, value any, found *faults) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		found.add(path, "NOT_BASE64", "must be base64")
		return true
	}
	r.checkLength(path, len(decoded), "bytes", found)
	return true
}

func (r *rule) checkLength(path string, length int, unit string, found *faults) {
	if r.minLength != nil && length < *r.minLength {
		found.add(path, "TOO_SHORT", "must have at least %d %s", *r.minLength, unit)
	}
	if r.maxLength != nil && length > *r.maxLength {
		found.add(path, "TOO_LONG", "must have at most %d %s", *r.maxLength, unit)
	}
}

func (r *rule) checkNumber(path string, value any, found *faults) (any, bool) {
	written, ok := value.(json.Number)
	if !ok {
		return value, false
	}
	number, err := written.Float64()
	if err != nil {
		return value, false
	}
	if r.kind == "integer" {
		whole, ok := wholeNumber(written, number)
		if !ok {
			return value, false
		}
		value = json.Number(strconv.FormatInt(whole, 10))
	}
	if r.minimum != nil && number < *r.minimum {
		found.add(path, "TOO_SMALL", "must be at least %v", *r.minimum)
	}
	if r.maximum != nil && number > *r.maximum {
		found.add(path, "TOO_BIG", "must be at most %v", *r.maximum)
	}
	return value, true
}

// wholeNumber is the number where it is whole and within ±2^53, judged by its text: 2^53 + 1 rounds to 2^53.
func wholeNumber(written json.Number, number float64) (int64, bool) {
	if math.Abs(number) > maxExact || number != math.Trunc(number) {
		return 0, false
	}
	if math.Abs(number) == maxExact {
		exact, ok := new(big.Rat).SetString(written.String())
		if !ok || exact.Cmp(new(big.Rat).SetInt64(int64(number))) != 0 {
			return 0, false
		}
	}
	return int64(number), true
}

func (r *rule) checkArray(path string, value any, found *faults) bool {
	items, ok := value.([]any)
	if !ok {
		return false
	}
	if r.minItems != nil && len(items) < *r.minItems {
		found.add(path, "TOO_FEW", "must have at least %d items", *r.minItems)
	}
	if r.maxItems != nil && len(items) > *r.maxItems {
		found.add(path, "TOO_MANY", "must have at most %d items", *r.maxItems)
	}
	if r.items != nil {
		for i, item := range items {
			items[i] = r.items.check(fmt.Sprintf("%s[%d]", path, i), item, found)
		}
	}
	return true
}

func (r *rule) checkProperties(path string, value any, found *faults) bool {
	inner, ok := value.(*object)
	if ok && r.properties != nil {
		r.properties.checkObject(path, inner, found)
	}
	return ok
}
