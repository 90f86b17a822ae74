package functions

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"
)

// asHandled writes the bytes of a checked input as the vectors do.
func asHandled(s *shape, checked any) {
	input := checked.(map[string]any)
	for _, field := range s.fields {
		if text, ok := input[field.name].(string); ok && field.rule.kind == "bytes" {
			input[field.name] = map[string]any{"$bytes": text}
		}
	}
}

func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../vectors/validation.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name                 string
		Shape, Input, Output json.RawMessage
		Faults               []Fault
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, one := range cases {
		t.Run(one.Name, func(t *testing.T) {
			written, err := parseValue(one.Shape)
			if err != nil {
				t.Fatal(err)
			}
			declared := parseShape(t, written)
			checked, found := declared.check(one.Input)
			for i := range found {
				if found[i].Message == "" {
					t.Errorf("%v says nothing", found[i])
				}
				found[i].Message = ""
			}
			if len(found)+len(one.Faults) > 0 {
				if !reflect.DeepEqual(found, one.Faults) {
					t.Fatalf("faults %v, expected %v", found, one.Faults)
				}
				return
			}
			var got, expected any
			if err := json.Unmarshal(checked, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(one.Output, &expected); err != nil {
				t.Fatal(err)
			}
			asHandled(declared, got)
			if !reflect.DeepEqual(got, expected) {
				t.Fatalf("%v, expected %v", got, expected)
			}
		})
	}
}

type address struct {
	City string `json:"city" alyx:"minLength=1"`
}

type everything struct {
	address
	Title  string         `json:"title" alyx:"minLength=1,maxLength=20,pattern=^[a-z]{1,9}$"`
	Tags   []string       `json:"tags" alyx:"optional,maxItems=2,items.pattern=^[a-z,]+$"`
	Kind   string         `json:"kind" alyx:"enum=a|b,default=a"`
	Small  int8           `json:"small"`
	Note   *string        `json:"note"`
	Inner  address        `json:"inner" alyx:"optional"`
	Data   []byte         `json:"data" alyx:"optional,maxLength=3"`
	Any    any            `json:"any" alyx:"optional"`
	Extra  map[string]int `json:"extra" alyx:"optional"`
	Hidden string         `json:"-"`
}

func TestStructTags(t *testing.T) {
	declared, err := shapeOf(reflect.TypeOf(&everything{}), forInput)
	if err != nil {
		t.Fatal(err)
	}
	check := func(input, expected string) {
		t.Helper()
		var target everything
		got := "fits"
		if err := decodeInput(declared, json.RawMessage(input), &target); err != nil {
			got = ""
			for _, fault := range err.(*Error).Details.([]Fault) {
				got += fmt.Sprintf("%s %s;", fault.Field, fault.Code)
			}
		}
		if got != expected {
			t.Errorf("%s: %s, expected %s", input, got, expected)
		}
	}
	check(`{"city":"x","title":"ab","small":2.0}`, "fits")
	check(`{"city":"x","title":"ab","small":1e2,"note":null,"tags":["a,b"],"data":"AP8Q","any":null,"extra":{"a":1}}`, "fits")
	check(`{}`, "city REQUIRED;title REQUIRED;small REQUIRED;")
	check(`{"city":"x","title":"A","small":200,"tags":["a","1","b"],"inner":{"town":1},"data":"AP8QAA=="}`,
		"title PATTERN;tags TOO_MANY;tags[1] PATTERN;small TOO_BIG;inner.city REQUIRED;inner.town UNKNOWN_FIELD;data TOO_LONG;")
	check(`{"city":"x","title":"ab","small":1,"kind":"c"}`, "kind NOT_ALLOWED;")
	check(`{"city":"x","title":"ab","small":1,"Title":"x"}`, "Title UNKNOWN_FIELD;")
	check(`{"city":"x","title":"ab","small":1,"extra":{"a":"text"}}`, "extra TYPE;")
	check(`{"city":"x","title":"ab","small":1,"data":"AP8\nQ"}`, "data NOT_BASE64;")
	check(`{"inner":{"town":1},"city":"x","title":"ab","small":1,"inner":{"city":"y"}}`, "fits")
	check(`[]`, " TYPE;")
	check(`null`, " TYPE;")
	check(``, " TYPE;")

	var target everything
	if err := decodeInput(declared, json.RawMessage(`{"city":"x","title":"ab","small":3.0,"data":"AP8Q"}`), &target); err != nil {
		t.Fatal(err)
	}
	if target.Kind != "a" || target.Small != 3 || string(target.Data) != "\x00\xff\x10" || target.City != "x" {
		t.Errorf("%+v", target)
	}
}

func TestWrongTagsAreLoadFaults(t *testing.T) {
	type wrong struct {
		A int `json:"a" alyx:"maxLength=x"`
	}
	function := Define(func(*Context, wrong) (any, error) { return nil, nil })
	if function.broken == nil || function.broken.File != "validate_test.go" || function.broken.Line == 0 {
		t.Fatalf("%+v", function.broken)
	}
	for _, tag := range []string{"maxlength=3", "optional=1x", "maxLength", "maxLength=3", "pattern=(", "items.minLength=1", "default=1.5", "minimum=2,default=1"} {
		target := rule{kind: "integer"}
		if err := applyTag(&target, tag); err == nil {
			t.Errorf("%s is taken", tag)
		}
	}
	type channels struct{ C chan int }
	if Define(func(*Context, channels) (any, error) { return nil, nil }).broken == nil {
		t.Error("a channel is no JSON")
	}
}

func TestShapesAreTold(t *testing.T) {
	type node struct {
		Name     string  `json:"name"`
		Children []*node `json:"children,omitempty"`
		Next     *node   `json:"next"`
	}
	for way, expected := range map[direction]string{
		forInput:  `{"name":{"type":"string"},"children":{"type":"array","items":{"type":"object","nullable":true}},"next":{"type":"object","optional":true,"nullable":true}}`,
		forOutput: `{"name":{"type":"string"},"children":{"type":"array","optional":true,"items":{"type":"object","nullable":true}},"next":{"type":"object","nullable":true}}`,
	} {
		declared, err := shapeOf(reflect.TypeOf(node{}), way)
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := json.Marshal(declared); string(text) != expected {
			t.Errorf("%s\nexpected %s", text, expected)
		}
	}
	for _, open := range []any{map[string]any{}, "", []int{}, Document{}, new(any)} {
		if declared, err := shapeOf(reflect.TypeOf(open), forInput); declared != nil || err != nil {
			t.Errorf("%T: %v %v", open, declared, err)
		}
	}
}

func TestAHostileInputHasAnAnswerOfBoundedSize(t *testing.T) {
	declared := &shape{fields: []shapeField{{"a", rule{kind: "array", items: &rule{kind: "string"}}}}}
	input, _ := json.Marshal(map[string]any{"a": make([]int, 100000)})
	if _, found := declared.check(input); len(found) != maxFaults {
		t.Errorf("%d faults", len(found))
	}
}
