package functions

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAHandlerSeesItsCall(t *testing.T) {
	h := start(t, Define(func(ctx *Context, input Document) (any, error) {
		deadline, ok := ctx.Deadline()
		return map[string]any{
			"id": ctx.Auth.ID, "meta": ctx.Auth.Metadata, "env": ctx.Env["KEY"], "header": ctx.Request.Headers["x"],
			"late": ok && time.Until(deadline) > time.Second, "input": input, "bytes": [][]byte{{0, 255}},
		}, nil
	}), nothing)
	result := h.invoke(`{"text":"é😀<\u0000","big":9007199254740993,"n":1.5}`)
	expected := `{"bytes":["AP8="],"env":"value","header":"y","id":"u1","input":{"big":9007199254740993,"n":1.5,"text":"é😀<\u0000"},"late":true,"meta":{"a":1}}`
	if string(result.Output) != expected || result.RequestID != "r1" {
		t.Errorf("%s\nexpected %s", result.Output, expected)
	}
}

func TestErrorsTravel(t *testing.T) {
	h := start(t, Define(func(_ *Context, input struct{ Kind string }) (any, error) {
		var none []int
		switch input.Kind {
		case "own":
			return nil, fmt.Errorf("saving: %w", &Error{Message: "full", Status: 409, Code: "FULL", Details: []int{1}})
		case "bare":
			return nil, &Error{Message: "bare", Status: 200}
		case "unsayable details":
			return nil, &Error{Message: "odd", Details: math.NaN()}
		case "database":
			return nil, &DatabaseError{Message: "taken", Status: 409, Code: "UNIQUE"}
		case "nil":
			return nil, (*Error)(nil)
		case "panic":
			_ = none[len(input.Kind)]
		case "nan":
			return math.NaN(), nil
		case "func":
			return map[string]any{"f": func() {}}, nil
		case "cycle":
			cycle := map[string]any{}
			cycle["self"] = cycle
			return cycle, nil
		}
		return nil, errors.New("plain " + input.Kind)
	}), nothing)
	if result := h.expectFailure(`{"Kind":"own"}`, 409, "FULL", "full"); fmt.Sprint(result.Error.Details) != "[1]" {
		t.Errorf("%+v", result.Error)
	}
	h.expectFailure(`{"Kind":"bare"}`, 500, "FUNCTION_ERROR", "bare")
	h.expectFailure(`{"Kind":"unsayable details"}`, 500, "FUNCTION_ERROR", "odd")
	h.expectFailure(`{"Kind":"database"}`, 409, "UNIQUE", "taken")
	h.expectFailure(`{"Kind":"nil"}`, 500, "FUNCTION_ERROR", "nil *functions.Error")
	if result := h.expectFailure(`{"Kind":"panic"}`, 500, "FUNCTION_PANIC", "index out of range"); !strings.Contains(result.Error.Stack, "worker_test.go") {
		t.Errorf("the stack is %s", result.Error.Stack)
	}
	for _, kind := range []string{"nan", "func", "cycle"} {
		h.expectFailure(`{"Kind":"`+kind+`"}`, 500, "OUTPUT_NOT_JSON", "not JSON")
	}
	h.expectFailure(`{"Kind":"ü"}`, 500, "FUNCTION_ERROR", "plain ü")
	h.expectFailure(`{"Kind":1}`, 400, "VALIDATION_ERROR", "not valid")
}

func TestABrokenFunctionAnswers(t *testing.T) {
	h := start(t, nil, nothing)
	h.expectFailure(`{}`, 500, "FUNCTION_ERROR", "Function is nil")
	response, err := h.client.Get("http://worker/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 500 {
		t.Errorf("%d", response.StatusCode)
	}
}

func TestLogsOfConcurrentCallsStayApart(t *testing.T) {
	h := start(t, Define(func(ctx *Context, input Document) (any, error) {
		for i := 0; i < 50; i++ {
			ctx.Log.Info(input.String("name"), "i", i, "err", errors.New("e"))
		}
		return nil, nil
	}), nothing)
	var group sync.WaitGroup
	for call := 0; call < 16; call++ {
		group.Add(1)
		go func(name string) {
			defer group.Done()
			result, err := invokeOver(context.Background(), h.client, `{"name":"`+name+`"}`)
			if err != nil || len(result.Logs) != 50 {
				t.Errorf("%v, %d entries", err, len(result.Logs))
				return
			}
			for i, entry := range result.Logs {
				if entry.Message != name || string(entry.Data) != fmt.Sprintf(`{"i":%d,"err":"e"}`, i) {
					t.Errorf("%+v", entry)
				}
			}
		}(fmt.Sprint("call", call))
	}
	group.Wait()
}

func TestLogsAreCut(t *testing.T) {
	h := start(t, Define(func(ctx *Context, _ any) (any, error) {
		ctx.Log.Warn(strings.Repeat("é", maxMessage))
		ctx.Log.Debug("odd", math.NaN())
		ctx.Log.Info("\xff")
		for i := 0; i < 10; i++ {
			ctx.Log.Error(strings.Repeat("x", 5000))
		}
		return nil, nil
	}), nothing)
	logs := h.invoke(`null`).Logs
	if len(logs) != 6 {
		t.Fatalf("%d entries", len(logs))
	}
	if logs[0].Message != strings.Repeat("é", maxMessage/2) || logs[0].Level != "warn" {
		t.Errorf("%d bytes, %s", len(logs[0].Message), logs[0].Level)
	}
	if string(logs[1].Data) != `"NaN"` || logs[2].Message != "\uFFFD" {
		t.Errorf("%+v", logs[1:3])
	}
	if logs[5].Message != "more was logged than is kept" || logs[5].Level != "warn" {
		t.Errorf("%+v", logs[5])
	}
}

func TestAClosedConnectionEndsTheCall(t *testing.T) {
	running, ended := make(chan struct{}), make(chan error, 1)
	h := start(t, Define(func(ctx *Context, _ any) (any, error) {
		close(running)
		<-ctx.Done()
		_, err := ctx.DB.Collection("posts").Get("1")
		ended <- err
		return nil, err
	}), nothing)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-running
		cancel()
	}()
	if _, err := invokeOver(ctx, h.client, `null`); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	expectEnded(t, <-ended)
	if calls := h.server.seen(); len(calls) != 0 {
		t.Errorf("the server heard %v", calls)
	}
}

func TestWorkInTheBackgroundIsRefusedAfterTheCall(t *testing.T) {
	kept := make(chan *Context, 1)
	h := start(t, Define(func(ctx *Context, _ any) (any, error) {
		kept <- ctx
		return nil, nil
	}), nothing)
	h.invoke(`null`)
	ctx := <-kept
	<-ctx.Done()
	_, err := ctx.DB.System().Collection("posts").Create(Document{})
	expectEnded(t, err)
	expectEnded(t, ctx.DB.Transaction(func(*Tx) error { return nil }))
	var failed *Error
	if _, err := ctx.Fn.Call("other", nil); !errors.As(err, &failed) || failed.Code != "INVOCATION_ENDED" {
		t.Error(err)
	}
}

func expectEnded(t *testing.T, err error) {
	t.Helper()
	var refused *DatabaseError
	if !errors.As(err, &refused) || refused.Code != "INVOCATION_ENDED" {
		t.Errorf("%v is not INVOCATION_ENDED", err)
	}
}
