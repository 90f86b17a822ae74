package functions

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

// result is the answer to an invocation.
type result struct {
	RequestID  string          `json:"request_id"`
	Success    bool            `json:"success"`
	Output     json.RawMessage `json:"output,omitempty"`
	Error      *failure        `json:"error,omitempty"`
	Logs       []logEntry      `json:"logs"`
	DurationMS float64         `json:"duration_ms"`
}

// invoke answers one call. The request's context is done when the server closes the connection.
func (w *worker) invoke(response http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		answer(response, http.StatusMethodNotAllowed, map[string]any{"error": "a call is a POST"})
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	var call invocation
	if err := json.Unmarshal(body, &call); err != nil {
		answer(response, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	answer(response, http.StatusOK, w.run(request.Context(), &call))
}

// run carries out one call; after it nothing that the function left behind can act for the caller.
func (w *worker) run(within context.Context, call *invocation) result {
	within, end := context.WithCancelCause(within)
	defer end(errEnded)
	started := time.Now()
	log := newLog(w.config.LogLimit, w.printLate)
	w.output.begin(log)
	output, failed := w.handle(w.newContext(within, call, log), call)
	w.output.end(log)
	return result{
		RequestID:  call.RequestID,
		Success:    failed == nil,
		Output:     output,
		Error:      failed,
		Logs:       log.end(),
		DurationMS: float64(time.Since(started).Microseconds()) / 1000,
	}
}

// printLate takes what is logged after the call; through the pipe it would become another call's.
func (w *worker) printLate(line string) {
	fmt.Fprintln(w.output.realOutput(), line)
}

// handle runs the handler and makes JSON of what it returned; a panic in either is caught.
func (w *worker) handle(ctx *Context, call *invocation) (output json.RawMessage, failed *failure) {
	defer func() {
		if reason := recover(); reason != nil {
			output, failed = nil, panicked(reason)
		}
	}()
	if fault := w.function.broken; fault != nil {
		failure := failure{Message: fault.Message}.completed()
		return nil, &failure
	}
	value, err := w.function.run(ctx, call.Input)
	if err != nil {
		return nil, sayable(failureOf(err))
	}
	output, err = encodeJSON(value)
	if err != nil {
		return nil, &failure{Code: "OUTPUT_NOT_JSON", Message: "the output is not JSON: " + err.Error(), Status: 500}
	}
	return output, nil
}

func panicked(reason any) *failure {
	return &failure{
		Code:    "FUNCTION_PANIC",
		Message: fmt.Sprint("the handler panicked: ", reason),
		Status:  500,
		Stack:   string(debug.Stack()),
	}
}

// sayable leaves out details that JSON cannot say, so that the failure itself still arrives.
func sayable(failed failure) *failure {
	if failed.Details == nil {
		return &failed
	}
	encoded, err := encodeJSON(failed.Details)
	if err != nil {
		failed.Details = nil
		return &failed
	}
	failed.Details = json.RawMessage(encoded)
	return &failed
}

func answer(response http.ResponseWriter, status int, value any) {
	body, err := encodeJSON(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer is not JSON"}`)
	}
	header := response.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	response.WriteHeader(status)
	_, _ = response.Write(body)
}
