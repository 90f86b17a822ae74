package functions

import (
	"context"
	"errors"
	"math/rand"
	"time"
)

const (
	// transactionRetries is how often a transaction that met a conflict is run again.
	transactionRetries = 5
	// longestWait is the most that is waited before the first retry; each later one waits longer.
	longestWait  = 20 * time.Millisecond
	codeConflict = "TRANSACTION_CONFLICT"
)

// Tx is the database within a transaction.
type Tx struct {
	access
}

// System is the same transaction as the system: no rule applies.
func (t *Tx) System() *Tx {
	inner := t.access
	inner.as = asSystem
	return &Tx{inner}
}

// WithContext gives calls up when this context is done, besides when the invocation ends.
func (t *Tx) WithContext(ctx context.Context) *Tx {
	inner := t.access
	inner.ctx = ctx
	return &Tx{inner}
}

// Transaction commits what the callback did, unless it returns an error or panics: then nothing of it stays.
//
// Where others wrote at the same time the callback runs again, up to five times, so it should have no
// other effects.
func (d *Database) Transaction(callback func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := d.transactOnce(callback)
		if attempt > transactionRetries || !isConflict(err) {
			return err
		}
		if !d.wait(attempt) {
			return err
		}
	}
}

func isConflict(err error) bool {
	var refused *DatabaseError
	return errors.As(err, &refused) && refused != nil && refused.Code == codeConflict
}

// wait lets others finish, each caller for another time so that they do not meet again.
func (d *Database) wait(attempt int) bool {
	timer := time.NewTimer(time.Duration(rand.Int63n(int64(longestWait) * int64(attempt))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.ctx.Done():
	case <-d.caller.ended.Done():
	}
	return false
}

func (d *Database) transactOnce(callback func(tx *Tx) error) error {
	var begun struct {
		ID string `json:"transaction_id"`
	}
	if err := d.post("tx", transactionRequest{Action: "begin"}, &begun); err != nil {
		return err
	}
	inner := d.access
	inner.transaction = begun.ID
	committing := false
	defer func() {
		if !committing {
			inner.rollBack()
		}
	}()
	if err := callback(&Tx{inner}); err != nil {
		return err
	}
	committing = true
	return d.post("tx", transactionRequest{Action: "commit", Transaction: begun.ID}, nil)
}

type transactionRequest struct {
	Action      string `json:"action"`
	Transaction string `json:"transaction,omitempty"`
}

// rollBack ends the transaction, also where the callback's own context is over. Where this fails the server
// ends it by itself; what the caller has to hear is why it is rolled back.
func (a access) rollBack() {
	a.ctx = a.caller.ended
	_ = a.post("tx", transactionRequest{Action: "rollback", Transaction: a.transaction}, nil)
}
