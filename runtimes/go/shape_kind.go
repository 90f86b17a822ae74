package functions

import (
	"fmt"
	"math"
	"reflect"
)

// plainRule is the rule of a type that encoding/json reads and writes by itself.
func (r *typeReader) plainRule(of reflect.Type) (rule, error) {
	switch kind := of.Kind(); kind {
	case reflect.String:
		return rule{kind: "string"}, nil
	case reflect.Bool:
		return rule{kind: "boolean"}, nil
	case reflect.Float32, reflect.Float64:
		return rule{kind: "number"}, nil
	case reflect.Interface:
		return rule{kind: "any"}, nil
	case reflect.Map:
		// A nil map is written as null.
		return rule{kind: "object", nullable: r.way == forOutput}, nil
	case reflect.Slice, reflect.Array:
		return r.listRule(of)
	case reflect.Struct:
		return r.objectRule(of)
	default:
		if bounds, ok := integerBounds[kind]; ok {
			return bounds.rule(), nil
		}
		return rule{}, fmt.Errorf("JSON has nothing for the type %s", of)
	}
}

func (r *typeReader) listRule(of reflect.Type) (rule, error) {
	if of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Uint8 {
		return rule{kind: "bytes", nullable: r.way == forOutput}, nil
	}
	items, err := r.rule(of.Elem())
	items.optional = false
	result := rule{kind: "array", items: &items}
	if of.Kind() == reflect.Array {
		length := of.Len()
		result.minItems, result.maxItems = &length, &length
		return result, err
	}
	// A nil slice is written as null.
	result.nullable = r.way == forOutput
	return result, err
}

func (r *typeReader) objectRule(of reflect.Type) (rule, error) {
	if r.isWithin(of) {
		return rule{kind: "object"}, nil
	}
	properties, err := r.structShape(of)
	return rule{kind: "object", properties: properties}, err
}

// bounds are what fits into a kind of integer; infinite where the shape's own ±2^53 is narrower.
type bounds struct {
	least, most float64
}

var integerBounds = map[reflect.Kind]bounds{
	reflect.Int:     {math.Inf(-1), math.Inf(1)},
	reflect.Int64:   {math.Inf(-1), math.Inf(1)},
	reflect.Int32:   {math.MinInt32, math.MaxInt32},
	reflect.Int16:   {math.MinInt16, math.MaxInt16},
	reflect.Int8:    {math.MinInt8, math.MaxInt8},
	reflect.Uint:    {0, math.Inf(1)},
	reflect.Uint64:  {0, math.Inf(1)},
	reflect.Uintptr: {0, math.Inf(1)},
	reflect.Uint32:  {0, math.MaxUint32},
	reflect.Uint16:  {0, math.MaxUint16},
	reflect.Uint8:   {0, math.MaxUint8},
}

func (b bounds) rule() rule {
	result := rule{kind: "integer"}
	if !math.IsInf(b.least, 0) {
		result.minimum = &b.least
	}
	if !math.IsInf(b.most, 0) {
		result.maximum = &b.most
	}
	return result
}
