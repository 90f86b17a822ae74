package functions

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
)

// Function is one function of a project, made by [Define].
type Function struct {
	input  *shape
	output *shape
	run    func(ctx *Context, input json.RawMessage) (any, error)
	broken *loadFault
}

// loadFault is why a function cannot be served, with its place in the function's source.
type loadFault struct {
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// Define makes a function out of its handler.
//
// A struct as Input declares the shape of the input by its `json` and `alyx` tags; with any other type
// everything that decodes into it goes in. See the README for the tags.
func Define[Input, Output any](handler func(ctx *Context, input Input) (Output, error)) *Function {
	function := &Function{}
	var err error
	function.input, err = shapeOf(reflect.TypeOf((*Input)(nil)).Elem(), forInput)
	if err == nil {
		function.output, err = shapeOf(reflect.TypeOf((*Output)(nil)).Elem(), forOutput)
	}
	if err == nil && handler == nil {
		err = fmt.Errorf("the handler is nil")
	}
	if err != nil {
		function.broken = faultAtCaller(err)
		return function
	}
	function.run = func(ctx *Context, raw json.RawMessage) (any, error) {
		var input Input
		if err := decodeInput(function.input, raw, &input); err != nil {
			return nil, err
		}
		return handler(ctx, input)
	}
	return function
}

// faultAtCaller places a fault at the line that called [Define].
func faultAtCaller(err error) *loadFault {
	fault := &loadFault{Message: err.Error()}
	if _, file, line, ok := runtime.Caller(2); ok {
		fault.File, fault.Line = filepath.Base(file), line
	}
	return fault
}

// decodeInput checks the input against the shape and puts it into target.
func decodeInput(declared *shape, raw json.RawMessage, target any) error {
	if declared != nil {
		checked, faults := declared.check(raw)
		if len(faults) > 0 {
			return invalidInput(faults)
		}
		raw = checked
	}
	if len(raw) == 0 {
		raw = json.RawMessage("null")
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return invalidInput([]Fault{undecodable(err)})
	}
	return nil
}

// undecodable says what a type of the function's own does not take, past what its shape could tell.
func undecodable(err error) Fault {
	fault := Fault{Code: "TYPE", Message: err.Error()}
	if mismatch, ok := err.(*json.UnmarshalTypeError); ok {
		fault.Field = mismatch.Field
		fault.Message = "must not be a " + mismatch.Value
	}
	return fault
}
