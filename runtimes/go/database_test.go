package functions

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestCallsBack(t *testing.T) {
	type post struct {
		ID    string `json:"id"`
		Views int64  `json:"views"`
	}
	h := start(t, Define(func(ctx *Context, _ any) (any, error) {
		posts := ctx.DB.Collection("posts")
		none, err := posts.Get("none")
		if none != nil || err != nil {
			t.Errorf("%v %v", none, err)
		}
		one, err := Get[post](posts, "1", Expand("author_id"), Fields("id", "views"))
		if err != nil || one.Views != 9007199254740993 {
			t.Errorf("%v %v", one, err)
		}
		page, err := posts.List(Query{Where: Where{"a": 1}, Sort: []string{"-id"}, Limit: 2, Offset: 1, Cursor: "c"})
		if err != nil || page.Total != 3 || page.NextCursor != "" || page.Docs[0].Int("views") != 9007199254740993 {
			t.Errorf("%v %v", page, err)
		}
		first, err := ctx.DB.System().Collection("posts").First(Query{})
		if err != nil || first.String("id") != "1" {
			t.Errorf("%v %v", first, err)
		}
		if total, err := posts.Count(nil); total != 3 || err != nil {
			t.Errorf("%d %v", total, err)
		}
		if _, err := posts.Update("1", Document{"views": Inc(1), "tags": Push("a"), "n": Pull("b")}); err != nil {
			t.Error(err)
		}
		if _, err := Upsert[post](posts, post{ID: "1"}); err != nil {
			t.Error(err)
		}
		if err := posts.Delete("1"); err != nil {
			t.Error(err)
		}
		if results, err := ctx.DB.Batch(Operation{Op: "delete", Collection: "posts", ID: "1"}); len(results) != 2 || results[1] != nil || err != nil {
			t.Errorf("%v %v", results, err)
		}
		if sum, err := Call[int](ctx.Fn, "send-mail", map[string]any{"to": "é"}); sum != 42 || err != nil {
			t.Errorf("%d %v", sum, err)
		}
		var failed *Error
		if _, err := ctx.Fn.Call("a/b", nil); !errors.As(err, &failed) || failed.Status != 418 || failed.Code != "TEAPOT" {
			t.Error(err)
		}
		_, err = posts.Create(Document{})
		return nil, err
	}), func(path, body string) (int, string) {
		switch {
		case path == "functions/send-mail":
			return 200, `{"output":42}`
		case path == "functions/a%2Fb":
			return 418, `{"error":"tea","code":"TEAPOT"}`
		case strings.Contains(body, `"none"`):
			return 200, `{"doc":null}`
		case strings.Contains(body, `"operations"`):
			return 200, `{"results":[{"id":"1"},null]}`
		case strings.Contains(body, `"create"`):
			return 409, `{"error":"taken","code":"UNIQUE","details":[{"field":"slug"}]}`
		case path == "db/query" && !strings.Contains(body, `"id"`) || strings.Contains(body, `"-id"`):
			return 200, `{"docs":[{"id":"1","views":9007199254740993}],"total":3,"limit":1,"offset":0,"next_cursor":null}`
		}
		return 200, `{"doc":{"id":"1","views":9007199254740993}}`
	})
	if result := h.expectFailure(`null`, 409, "UNIQUE", "taken"); result.Error.Details == nil {
		t.Error("the details are lost")
	}
	expected := []string{
		`db/query {"collection":"posts","as":"caller","id":"none"}`,
		`db/query {"collection":"posts","as":"caller","id":"1","expand":["author_id"],"fields":["id","views"]}`,
		`db/query {"collection":"posts","as":"caller","where":{"a":1},"sort":["-id"],"limit":2,"offset":1,"cursor":"c"}`,
		`db/query {"collection":"posts","as":"system","limit":1,"total":false}`,
		`db/query {"collection":"posts","as":"caller","limit":1}`,
		`db/exec {"collection":"posts","as":"caller","op":"update","id":"1","data":{"n":{"$pull":"b"},"tags":{"$push":{"$each":["a"]}},"views":{"$inc":1}}}`,
		`db/exec {"collection":"posts","as":"caller","op":"upsert","data":{"id":"1","views":0}}`,
		`db/exec {"collection":"posts","as":"caller","op":"delete","id":"1"}`,
		`db/exec {"operations":[{"op":"delete","collection":"posts","id":"1"}],"as":"caller"}`,
		`functions/send-mail {"input":{"to":"é"}}`,
		`functions/a%2Fb {"input":null}`,
		`db/exec {"collection":"posts","as":"caller","op":"create","data":{}}`,
	}
	if seen := h.server.seen(); !reflect.DeepEqual(seen, expected) {
		t.Errorf("%s\nexpected\n%s", strings.Join(seen, "\n"), strings.Join(expected, "\n"))
	}
}

// transactions runs a callback in a transaction whose commits meet a conflict some times.
func transactions(t *testing.T, conflicts int, callback func(tx *Tx) error) (*harness, func() answered) {
	commits := 0
	h := start(t, Define(func(ctx *Context, _ any) (any, error) {
		return "done", ctx.DB.Transaction(callback)
	}), func(path, body string) (int, string) {
		switch {
		case path != "db/tx":
			return 200, `{"doc":{"id":"1"}}`
		case strings.Contains(body, "begin"):
			return 200, `{"transaction_id":"t1","expires_at":"2026-01-01T00:00:00.000Z"}`
		case strings.Contains(body, "commit"):
			if commits++; commits <= conflicts {
				return 409, `{"error":"others wrote","code":"TRANSACTION_CONFLICT"}`
			}
		}
		return 200, `{"status":"committed"}`
	})
	return h, func() answered { return h.invoke(`null`) }
}

func TestATransactionRunsAgainAfterAConflict(t *testing.T) {
	runs := 0
	h, run := transactions(t, 2, func(tx *Tx) error {
		runs++
		_, err := tx.System().Collection("posts").Create(Document{})
		return err
	})
	if result := run(); !result.Success || runs != 3 {
		t.Errorf("%+v after %d runs", result, runs)
	}
	if calls := h.server.seen(); calls[1] != `db/exec {"collection":"posts","as":"system","transaction":"t1","op":"create","data":{}}` ||
		calls[2] != `db/tx {"action":"commit","transaction":"t1"}` || len(calls) != 9 {
		t.Errorf("%s", strings.Join(calls, "\n"))
	}
}

func TestATransactionGivesUp(t *testing.T) {
	runs := 0
	h, _ := transactions(t, 100, func(*Tx) error { runs++; return nil })
	h.expectFailure(`null`, 409, "TRANSACTION_CONFLICT", "others wrote")
	if runs != transactionRetries+1 {
		t.Errorf("%d runs", runs)
	}
}

func TestATransactionIsRolledBack(t *testing.T) {
	for code, callback := range map[string]func(*Tx) error{
		"FULL":           func(*Tx) error { return &Error{Message: "m", Code: "FULL"} },
		"FUNCTION_PANIC": func(*Tx) error { panic("m") },
	} {
		h, _ := transactions(t, 0, callback)
		h.expectFailure(`null`, 500, code, "m")
		calls := h.server.seen()
		if len(calls) != 2 || calls[1] != `db/tx {"action":"rollback","transaction":"t1"}` {
			t.Errorf("%v", calls)
		}
	}
}
