package functions

import (
	"errors"
	"fmt"
)

// Error is a failure that a function answers with on purpose; it reaches the caller as it is.
//
// Where they are not set, Status is 500 and Code is FUNCTION_ERROR. Calling another function fails with one, too.
type Error struct {
	Message string
	// Status is the HTTP status, from 400 to 599.
	Status int
	// Code is a stable word for programs.
	Code string
	// Details is anything that JSON can say.
	Details any
}

// Error is the message.
func (e *Error) Error() string {
	if e == nil {
		return "a nil *functions.Error was returned"
	}
	return e.Message
}

// DatabaseError is a failed call of the database, as the REST API tells it.
type DatabaseError struct {
	Message string
	Status  int
	Code    string
	Details any

	cause error
}

// Error is the message with the code.
func (e *DatabaseError) Error() string {
	if e == nil {
		return "a nil *functions.DatabaseError was returned"
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Code)
}

// Unwrap is why the call was given up, where it did not fail in the database.
func (e *DatabaseError) Unwrap() error {
	return e.cause
}

// Fault is one thing that is wrong with an input.
type Fault struct {
	// Field is the path of the field, like author.tags[2]; empty for the input itself.
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// invalidInput is the answer to an input that does not fit.
func invalidInput(faults []Fault) error {
	return &Error{Message: "the input is not valid", Status: 400, Code: "VALIDATION_ERROR", Details: faults}
}

// failure is an error as the answer to an invocation says it.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Status  int    `json:"status"`
	Details any    `json:"details,omitempty"`
	Stack   string `json:"stack,omitempty"`
}

const (
	defaultStatus = 500
	defaultCode   = "FUNCTION_ERROR"
)

// failureOf turns what a handler returned into the answer.
func failureOf(err error) failure {
	var own *Error
	if errors.As(err, &own) && own != nil {
		return failure{own.Code, own.Message, own.Status, own.Details, ""}.completed()
	}
	var database *DatabaseError
	if errors.As(err, &database) && database != nil {
		return failure{database.Code, database.Message, database.Status, database.Details, ""}.completed()
	}
	return failure{Message: err.Error()}.completed()
}

// completed fills in what is missing or cannot be the status of an error.
func (f failure) completed() failure {
	if f.Status < 400 || f.Status > 599 {
		f.Status = defaultStatus
	}
	if f.Code == "" {
		f.Code = defaultCode
	}
	return f
}
