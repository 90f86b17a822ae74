package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"alyx.dev/functions"
)

var kept *functions.Context

func attempt(value any, err error) (any, error) {
	var database *functions.DatabaseError
	var own *functions.Error
	switch {
	case errors.As(err, &database):
		return map[string]any{"status": database.Status, "code": database.Code}, nil
	case errors.As(err, &own):
		return map[string]any{"status": own.Status, "code": own.Code}, nil
	}
	return value, err
}

func environment() map[string]string {
	all := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		all[name] = value
	}
	return all
}

func fork() {
	children := []*exec.Cmd{}
	for n := 0; n < 2000; n++ {
		child := exec.Command("sleep", "30")
		if child.Start() != nil {
			break
		}
		children = append(children, child)
	}
	for _, child := range children {
		child.Wait()
	}
}

func number(doc functions.Document) float64 {
	n, _ := doc["n"].(float64)
	return n
}

func add(ctx *functions.Context) (any, error) {
	var n float64
	err := ctx.DB.System().Transaction(func(tx *functions.Tx) error {
		counters := tx.Collection("counters")
		doc, err := counters.Get("a")
		if err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
		if _, err = counters.Update("a", functions.Document{"n": number(doc) + 1}); err != nil {
			return err
		}
		doc, err = counters.Get("a")
		n = number(doc)
		return err
	})
	return n, err
}

var Function = functions.Define(func(ctx *functions.Context, input map[string]any) (any, error) {
	text := func(key string) string { value, _ := input[key].(string); return value }
	system := ctx.DB.System()
	switch text("do") {
	case "echo":
		return input["value"], nil
	case "bytes":
		return []byte{0, 255, 16}, nil
	case "refuse":
		return nil, &functions.Error{Message: "short and stout", Status: 418, Code: "TEAPOT", Details: map[string]int{"spout": 1}}
	case "fail":
		return nil, errors.New("it broke")
	case "sleep":
		ms, _ := input["ms"].(float64)
		time.Sleep(time.Duration(ms) * time.Millisecond)
	case "loop":
		for {
		}
	case "fork":
		fork()
	case "allocate":
		block := make([]byte, 1<<30)
		for index := 0; index < len(block); index += 4096 {
			block[index] = 1
		}
		return len(block), nil
	case "large":
		return strings.Repeat("x", 100<<20), nil
	case "print":
		for _, line := range input["lines"].([]any) {
			fmt.Println(line)
		}
		fmt.Fprintln(os.Stderr, "and this")
	case "flood":
		line := strings.Repeat("x", 1023)
		for n := 0; n < 100*1024; n++ {
			fmt.Println(line)
		}
	case "exit":
		os.Exit(7)
	case "environment":
		return map[string]any{"all": environment(), "own": ctx.Env}, nil
	case "who":
		return ctx.Auth, nil
	case "call":
		return ctx.Fn.Call(text("name"), input["input"])
	case "call_refused":
		return attempt(ctx.Fn.Call(text("name"), input["input"]))
	case "recurse":
		return ctx.Fn.Call("act", map[string]any{"do": "recurse"})
	case "read":
		doc, err := system.Collection("counters").Get("a")
		return doc["n"], err
	case "caller":
		return attempt(ctx.DB.Collection("closed").List(functions.Query{}))
	case "add":
		return add(ctx)
	case "roll_back":
		return attempt(nil, system.Transaction(func(tx *functions.Tx) error {
			if _, err := tx.Collection("counters").Update("a", functions.Document{"n": 1000}); err != nil {
				return err
			}
			return &functions.Error{Message: "no", Status: 400, Code: "CHANGED_MY_MIND"}
		}))
	case "abandon":
		return nil, system.Transaction(func(tx *functions.Tx) error {
			if _, err := tx.Collection("counters").Update("a", functions.Document{"n": 2000}); err != nil {
				return err
			}
			os.Exit(1)
			return nil
		})
	case "increment":
		return system.Collection("counters").Update("a", functions.Document{"n": functions.Inc(1)})
	case "keep":
		kept = ctx
	case "reuse":
		return attempt(kept.DB.System().Collection("counters").Get("a"))
	}
	return nil, nil
})
