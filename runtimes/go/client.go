package functions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// idleConnections are kept open for the next calls back.
	idleConnections = 64
	// idleTime is shorter than servers usually keep a silent connection, so that a call is not
	// written to one that is being closed: it could not be known then whether it was carried out.
	idleTime = 4 * time.Second
)

// client speaks to the server's socket.
type client struct {
	http *http.Client
}

func newClient(socket string) *client {
	dialer := &net.Dialer{}
	return &client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTime,
		DisableCompression:  true,
	}}}
}

// wireError is the error shape of the REST API.
type wireError struct {
	Error   string          `json:"error"`
	Code    string          `json:"code"`
	Details json.RawMessage `json:"details"`

	status int
}

// message is the text, also where the answer had none.
func (w *wireError) message() string {
	if w.Error == "" {
		return fmt.Sprintf("the server answered %d", w.status)
	}
	return w.Error
}

// details are the details as plain values, or nil.
func (w *wireError) details() any {
	var value any
	if len(w.Details) > 0 && json.Unmarshal(w.Details, &value) != nil {
		return nil
	}
	return value
}

// caller makes calls back for one invocation.
type caller struct {
	client *client
	token  string
	// ended is done when the invocation is over and the token worth nothing.
	ended context.Context
}

// post sends a call and puts the answer into target. A refusal is a *wireError.
func (c *caller) post(ctx context.Context, path string, body, target any) (*wireError, error) {
	if c.ended.Err() != nil {
		return endedError(), nil
	}
	encoded, err := encodeJSON(body)
	if err != nil {
		return nil, fmt.Errorf("what is sent to the server is not JSON: %w", err)
	}
	refused, err := c.send(ctx, path, encoded, target)
	if err != nil && c.ended.Err() != nil {
		return endedError(), nil
	}
	return refused, err
}

// endedError is what a call back meets after its invocation; the server would say the same of the token.
func endedError() *wireError {
	return &wireError{Error: "the invocation has ended", Code: "INVOCATION_ENDED", status: http.StatusUnauthorized}
}

func (c *caller) send(ctx context.Context, path string, body []byte, target any) (*wireError, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://alyx"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the server cannot be reached: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("the server's answer broke off: %w", err)
	}
	return readAnswer(response.StatusCode, answer, target)
}

func readAnswer(status int, answer []byte, target any) (*wireError, error) {
	if status < 200 || status > 299 {
		refused := &wireError{status: status}
		// What is no JSON, or other JSON, leaves the status to speak for itself.
		_ = json.Unmarshal(answer, refused)
		return refused, nil
	}
	if target == nil {
		return nil, nil
	}
	if err := json.Unmarshal(answer, target); err != nil {
		return nil, fmt.Errorf("the answer does not fit %T: %w", target, err)
	}
	return nil, nil
}
