package functions

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object that remembers the order of its keys, in which unknown ones are told.
type object struct {
	keys   []string
	values map[string]any
}

// parseValue reads JSON into nil, bool, string, json.Number, []any and *object.
func parseValue(raw json.RawMessage) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	// The tokens below are not checked for what comes after them, and for nesting; this is.
	if !json.Valid(raw) {
		return nil, fmt.Errorf("this is not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return nextValue(decoder)
}

func nextValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return nextObject(decoder)
	case json.Delim('['):
		return nextArray(decoder)
	}
	return token, nil
}

func nextObject(decoder *json.Decoder) (any, error) {
	result := &object{values: map[string]any{}}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := nextValue(decoder)
		if err != nil {
			return nil, err
		}
		result.set(key.(string), value)
	}
	_, err := decoder.Token()
	return result, err
}

func nextArray(decoder *json.Decoder) (any, error) {
	result := []any{}
	for decoder.More() {
		value, err := nextValue(decoder)
		if err != nil {
			return nil, err
		}
		result = append(result, value)
	}
	_, err := decoder.Token()
	return result, err
}

// set adds a key or, like every other reader of JSON, lets the last of equal keys win.
func (o *object) set(key string, value any) {
	if _, exists := o.values[key]; !exists {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// MarshalJSON writes the object in the order of its keys.
func (o *object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeMember(&out, key, o.values[key]); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encodeJSON writes a value as the protocol wants it: without the escapes for HTML.
func encodeJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
