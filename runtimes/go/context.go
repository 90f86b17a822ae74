package functions

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"
)

// Context is what a handler knows of its call. As a [context.Context] it is done when the call is given up.
type Context struct {
	context.Context
	// Auth is who calls; nil for an anonymous caller.
	Auth *Auth
	// Env is the function's environment; the ordinary environment variables have it, too.
	Env map[string]string
	// Request is the request that led to the call.
	Request Request
	// Log is the log of this call.
	Log *Log
	// DB is the database as the caller, under the rules.
	DB *Database
	// Fn calls other functions.
	Fn *Functions

	deadline time.Time
}

// Auth is the account of a caller.
type Auth struct {
	ID       string         `json:"id"`
	Email    string         `json:"email"`
	Role     string         `json:"role"`
	Verified bool           `json:"verified"`
	Metadata map[string]any `json:"metadata"`
}

// Request is the request that led to a call.
type Request struct {
	ID      string            `json:"id"`
	TraceID string            `json:"trace_id"`
	Method  string            `json:"method"`
	IP      string            `json:"ip"`
	Headers map[string]string `json:"headers"`
}

// Deadline is when the server will give the call up. It is the server that does, so that it alone says what happened.
func (c *Context) Deadline() (time.Time, bool) {
	return c.deadline, !c.deadline.IsZero()
}

// errEnded is why the context of a call is done after its answer.
var errEnded = errors.New("the call has ended")

// invocation is one call as the server sends it.
type invocation struct {
	RequestID string          `json:"request_id"`
	Function  string          `json:"function"`
	Input     json.RawMessage `json:"input"`
	Context   struct {
		Auth          *Auth   `json:"auth"`
		Request       Request `json:"request"`
		InternalToken string  `json:"internal_token"`
		TimeoutMS     int64   `json:"timeout_ms"`
	} `json:"context"`
}

// newContext is the context of one call; within ends with it.
func (w *worker) newContext(within context.Context, call *invocation, log *Log) *Context {
	caller := &caller{client: w.client, token: call.Context.InternalToken, ended: within}
	ctx := &Context{
		Context: within,
		Auth:    call.Context.Auth,
		// A copy, since calls run at the same time and may write into it.
		Env:     maps.Clone(w.config.Env),
		Request: call.Context.Request,
		Log:     log,
		Fn:      &Functions{caller: caller, ctx: within},
		DB:      &Database{access{caller: caller, ctx: within, as: asCaller}},
	}
	if call.Context.TimeoutMS > 0 {
		ctx.deadline = time.Now().Add(time.Duration(call.Context.TimeoutMS) * time.Millisecond)
	}
	return ctx
}
