package functions

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Document is a document of a collection, or any other JSON object.
//
// Numbers are float64, as encoding/json has them, but a whole number that a float64 cannot hold exactly
// is a [json.Number]: nothing that is read and written back changes on the way.
type Document map[string]any

// String is the text in a field; empty where there is none.
func (d Document) String(field string) string {
	text, _ := d[field].(string)
	return text
}

// Int is the whole number in a field; 0 where there is none.
func (d Document) Int(field string) int64 {
	switch number := d[field].(type) {
	case float64:
		return int64(number)
	case json.Number:
		whole, _ := number.Int64()
		return whole
	}
	return 0
}

// Float is the number in a field; 0 where there is none.
func (d Document) Float(field string) float64 {
	switch number := d[field].(type) {
	case float64:
		return number
	case json.Number:
		float, _ := number.Float64()
		return float
	}
	return 0
}

// Bool is the truth in a field; false where there is none.
func (d Document) Bool(field string) bool {
	truth, _ := d[field].(bool)
	return truth
}

// Document is the document in a field, as expanding puts it there; nil where there is none.
func (d Document) Document(field string) Document {
	inner, _ := d[field].(map[string]any)
	return inner
}

// UnmarshalJSON reads an object without losing digits.
func (d *Document) UnmarshalJSON(raw []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		return err
	}
	for key, value := range values {
		values[key] = plainNumbers(value)
	}
	*d = values
	return nil
}

// plainNumbers makes numbers float64 wherever nothing is lost by it.
func plainNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		return plainNumber(value)
	case []any:
		for i, item := range value {
			value[i] = plainNumbers(item)
		}
	case map[string]any:
		for key, item := range value {
			value[key] = plainNumbers(item)
		}
	}
	return value
}

func plainNumber(number json.Number) any {
	text := number.String()
	float, err := number.Float64()
	if err != nil {
		return number
	}
	whole := !strings.ContainsAny(text, ".eE")
	if whole && strconv.FormatFloat(float, 'f', -1, 64) != text && text != "-0" {
		return number
	}
	return float
}
