package functions

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// shape says what an object must be: its fields, in the order in which faults are told.
type shape struct {
	fields []shapeField
}

// shapeField is one field of a shape.
type shapeField struct {
	name string
	rule rule
}

// rule says what one value must be.
type rule struct {
	kind     string
	optional bool
	nullable bool
	// fallback is used where the value is absent; nil where there is none.
	fallback  json.RawMessage
	minLength *int
	maxLength *int
	pattern   *regexp.Regexp
	enum      []json.RawMessage
	minimum   *float64
	maximum   *float64
	items     *rule
	minItems  *int
	maxItems  *int
	// properties is nil where an object may hold anything.
	properties *shape
}

// field is the rule of a name, or nil.
func (s *shape) field(name string) *rule {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i].rule
		}
	}
	return nil
}

// MarshalJSON writes the fields in their order, which a map would lose.
func (s *shape) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, field := range s.fields {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeMember(&out, field.name, field.rule); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func writeMember(out *bytes.Buffer, name string, value any) error {
	key, err := json.Marshal(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	out.Write(key)
	out.WriteByte(':')
	out.Write(text)
	return nil
}

// MarshalJSON writes the rule with the keys of the protocol.
func (r rule) MarshalJSON() ([]byte, error) {
	wire := struct {
		Type       string            `json:"type"`
		Optional   bool              `json:"optional,omitempty"`
		Nullable   bool              `json:"nullable,omitempty"`
		Default    json.RawMessage   `json:"default,omitempty"`
		MinLength  *int              `json:"minLength,omitempty"`
		MaxLength  *int              `json:"maxLength,omitempty"`
		Pattern    string            `json:"pattern,omitempty"`
		Enum       []json.RawMessage `json:"enum,omitempty"`
		Minimum    *float64          `json:"minimum,omitempty"`
		Maximum    *float64          `json:"maximum,omitempty"`
		Items      *rule             `json:"items,omitempty"`
		MinItems   *int              `json:"minItems,omitempty"`
		MaxItems   *int              `json:"maxItems,omitempty"`
		Properties *shape            `json:"properties,omitempty"`
	}{
		Type: r.kind, Optional: r.optional, Nullable: r.nullable, Default: r.fallback,
		MinLength: r.minLength, MaxLength: r.maxLength, Enum: r.enum,
		Minimum: r.minimum, Maximum: r.maximum,
		Items: r.items, MinItems: r.minItems, MaxItems: r.maxItems, Properties: r.properties,
	}
	if r.pattern != nil {
		wire.Pattern = r.pattern.String()
	}
	return json.Marshal(wire)
}
