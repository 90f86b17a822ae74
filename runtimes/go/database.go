package functions

import "context"

const (
	asCaller = "caller"
	asSystem = "system"
)

// Database is the project's database, as the caller or as the system.
type Database struct {
	access
}

// access is what reading and writing takes: who does it, in which transaction, for how long.
type access struct {
	caller      *caller
	ctx         context.Context
	as          string
	transaction string
}

// System is the same database as the system: no rule applies.
func (d *Database) System() *Database {
	inner := d.access
	inner.as = asSystem
	return &Database{inner}
}

// WithContext gives calls up when this context is done, besides when the invocation ends.
func (d *Database) WithContext(ctx context.Context) *Database {
	inner := d.access
	inner.ctx = ctx
	return &Database{inner}
}

// Collection is the collection of a name.
func (a *access) Collection(name string) *Collection {
	return &Collection{access: *a, name: name}
}

// Operation is one step of a batch.
type Operation struct {
	// Op is create, update, upsert or delete.
	Op         string `json:"op"`
	Collection string `json:"collection"`
	ID         string `json:"id,omitempty"`
	Data       any    `json:"data,omitempty"`
}

// Batch carries out all operations or none; the results are in their order, nil for a delete.
func (a *access) Batch(operations ...Operation) ([]Document, error) {
	request := struct {
		Operations  []Operation `json:"operations"`
		As          string      `json:"as"`
		Transaction string      `json:"transaction,omitempty"`
	}{append([]Operation{}, operations...), a.as, a.transaction}
	var answer struct {
		Results []Document `json:"results"`
	}
	err := a.post("exec", request, &answer)
	return answer.Results, err
}

// post sends a call of the internal API; a refusal is a *DatabaseError.
func (a *access) post(call string, body, target any) error {
	refused, err := a.caller.post(a.ctx, "/internal/v1/db/"+call, body, target)
	if err != nil {
		return err
	}
	if refused == nil {
		return nil
	}
	return &DatabaseError{
		Message: refused.message(),
		Status:  refused.status,
		Code:    refused.Code,
		Details: refused.details(),
		cause:   context.Cause(a.caller.ended),
	}
}
