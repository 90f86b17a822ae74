package functions

import (
	"encoding/json"
	"regexp"
	"testing"
)

// parseShape reads a shape as the vectors write it.
func parseShape(t *testing.T, value any) *shape {
	t.Helper()
	written := value.(*object)
	result := &shape{}
	for _, name := range written.keys {
		result.fields = append(result.fields, shapeField{name, parseRule(t, written.values[name])})
	}
	return result
}

func parseRule(t *testing.T, value any) rule {
	t.Helper()
	if kind, ok := value.(string); ok {
		return rule{kind: kind}
	}
	result := rule{}
	written := value.(*object)
	for _, key := range written.keys {
		value := written.values[key]
		switch key {
		case "type":
			result.kind = value.(string)
		case "optional":
			result.optional = value.(bool)
		case "required":
			result.optional = !value.(bool)
		case "nullable":
			result.nullable = value.(bool)
		case "default":
			result.fallback = encoded(t, value)
		case "minLength":
			result.minLength = count(t, value)
		case "maxLength":
			result.maxLength = count(t, value)
		case "minItems":
			result.minItems = count(t, value)
		case "maxItems":
			result.maxItems = count(t, value)
		case "pattern":
			result.pattern = regexp.MustCompile(value.(string))
		case "enum":
			for _, allowed := range value.([]any) {
				result.enum = append(result.enum, encoded(t, allowed))
			}
		case "minimum":
			result.minimum = bound(t, value)
		case "maximum":
			result.maximum = bound(t, value)
		case "items":
			items := parseRule(t, value)
			result.items = &items
		case "properties":
			result.properties = parseShape(t, value)
		default:
			t.Fatalf("the shape has a key %q that nothing here knows", key)
		}
	}
	return result
}

func encoded(t *testing.T, value any) json.RawMessage {
	t.Helper()
	text, err := encodeJSON(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func count(t *testing.T, value any) *int {
	t.Helper()
	number, err := value.(json.Number).Int64()
	if err != nil {
		t.Fatal(err)
	}
	result := int(number)
	return &result
}

func bound(t *testing.T, value any) *float64 {
	t.Helper()
	number, err := value.(json.Number).Float64()
	if err != nil {
		t.Fatal(err)
	}
	return &number
}
