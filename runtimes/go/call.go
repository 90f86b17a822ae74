package functions

import (
	"context"
	"net/url"
)

// Functions calls the project's other functions.
type Functions struct {
	caller *caller
	ctx    context.Context
}

// Call calls a function and returns its output. Its failure is an [*Error] with its status, code and details.
func (f *Functions) Call(name string, input any) (any, error) {
	return Call[any](f, name, input)
}

// WithContext gives calls up when this context is done, besides when the invocation ends.
func (f *Functions) WithContext(ctx context.Context) *Functions {
	return &Functions{caller: f.caller, ctx: ctx}
}

func (f *Functions) call(name string, input, output any) error {
	request := struct {
		Input any `json:"input"`
	}{input}
	answer := struct {
		Output any `json:"output"`
	}{output}
	refused, err := f.caller.post(f.ctx, "/internal/v1/functions/"+url.PathEscape(name), request, &answer)
	if err != nil {
		return err
	}
	if refused == nil {
		return nil
	}
	return &Error{
		Message: refused.message(),
		Status:  refused.status,
		Code:    refused.Code,
		Details: refused.details(),
	}
}
