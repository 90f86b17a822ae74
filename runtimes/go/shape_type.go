package functions

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// direction is which way a value goes: what may be absent differs.
type direction int

const (
	forInput direction = iota
	forOutput
)

var (
	timeType            = reflect.TypeOf(time.Time{})
	numberType          = reflect.TypeOf(json.Number(""))
	unmarshalerType     = reflect.TypeOf((*json.Unmarshaler)(nil)).Elem()
	marshalerType       = reflect.TypeOf((*json.Marshaler)(nil)).Elem()
	textUnmarshalerType = reflect.TypeOf((*encoding.TextUnmarshaler)(nil)).Elem()
	textMarshalerType   = reflect.TypeOf((*encoding.TextMarshaler)(nil)).Elem()
)

// shapeOf is the shape of a struct, or of what a pointer to one points at; nil for any other type.
func shapeOf(of reflect.Type, way direction) (*shape, error) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of == timeType || customised(of, way) != "" {
		return nil, nil
	}
	reader := &typeReader{way: way}
	return reader.structShape(of)
}

// typeReader turns Go types into rules.
type typeReader struct {
	way direction
	// within are the structs being read; one inside itself has no end.
	within []reflect.Type
}

func (r *typeReader) structShape(of reflect.Type) (*shape, error) {
	r.within = append(r.within, of)
	defer func() { r.within = r.within[:len(r.within)-1] }()
	result := &shape{}
	for i := 0; i < of.NumField(); i++ {
		if err := r.addField(result, of, of.Field(i)); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func (r *typeReader) addField(result *shape, of reflect.Type, field reflect.StructField) error {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "-" && options == "" && !strings.HasSuffix(field.Tag.Get("json"), ",") {
		return nil
	}
	if promoted := embedded(field); promoted != nil && name == "" {
		return r.addPromoted(result, promoted)
	}
	if !field.IsExported() {
		return nil
	}
	if name == "" {
		name = field.Name
	}
	rule, err := r.fieldRule(field, options)
	if err != nil {
		return fmt.Errorf("%s.%s: %w", of.Name(), field.Name, err)
	}
	result.replace(name, rule)
	return nil
}

// embedded is the struct whose fields count as the outer one's, as encoding/json sees it.
func embedded(field reflect.StructField) reflect.Type {
	of := field.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if !field.Anonymous || of.Kind() != reflect.Struct {
		return nil
	}
	return of
}

func (r *typeReader) addPromoted(result *shape, of reflect.Type) error {
	if r.isWithin(of) {
		return nil
	}
	inner, err := r.structShape(of)
	if err != nil {
		return err
	}
	for _, field := range inner.fields {
		if result.field(field.name) == nil {
			result.fields = append(result.fields, field)
		}
	}
	return nil
}

// replace sets a field; the outer struct's own one wins over an embedded struct's.
func (s *shape) replace(name string, rule rule) {
	if existing := s.field(name); existing != nil {
		*existing = rule
		return
	}
	s.fields = append(s.fields, shapeField{name, rule})
}

func (r *typeReader) fieldRule(field reflect.StructField, options string) (rule, error) {
	result, err := r.rule(field.Type)
	if err != nil {
		return rule{}, err
	}
	for _, option := range strings.Split(options, ",") {
		switch {
		case option == "string":
			result = rule{kind: "string", nullable: result.nullable, optional: result.optional}
		case option == "omitempty" && r.way == forOutput, option == "omitzero" && r.way == forOutput:
			result.optional, result.nullable = true, false
		}
	}
	return result, applyTag(&result, field.Tag.Get("alyx"))
}

func (r *typeReader) isWithin(of reflect.Type) bool {
	for _, outer := range r.within {
		if outer == of {
			return true
		}
	}
	return false
}

// rule is what a value of a type must be.
func (r *typeReader) rule(of reflect.Type) (rule, error) {
	if of.Kind() == reflect.Pointer {
		inner, err := r.rule(of.Elem())
		inner.nullable, inner.optional = true, r.way == forInput
		return inner, err
	}
	if of == timeType {
		return rule{kind: "string"}, nil
	}
	if of == numberType {
		return rule{kind: "number"}, nil
	}
	if kind := customised(of, r.way); kind != "" {
		return rule{kind: kind}, nil
	}
	return r.plainRule(of)
}

// customised is the kind of a type that reads or writes itself; only it knows what it takes.
func customised(of reflect.Type, way direction) string {
	whole, text := unmarshalerType, textUnmarshalerType
	if way == forOutput {
		whole, text = marshalerType, textMarshalerType
	}
	pointer := reflect.PointerTo(of)
	switch {
	case of.Implements(whole) || pointer.Implements(whole):
		return "any"
	case of.Implements(text) || pointer.Implements(text):
		return "string"
	}
	return ""
}
