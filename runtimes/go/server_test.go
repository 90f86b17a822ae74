package functions

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeServer takes the calls back of a worker and remembers them.
type fakeServer struct {
	mutex sync.Mutex
	calls []string
	// answer is what a call gets: a status and a body.
	answer func(path, body string) (int, string)
}

func (s *fakeServer) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	path := strings.TrimPrefix(request.URL.EscapedPath(), "/internal/v1/")
	s.mutex.Lock()
	s.calls = append(s.calls, path+" "+string(body))
	s.mutex.Unlock()
	status, text := http.StatusUnauthorized, `{"error":"no","code":"UNAUTHORIZED"}`
	if request.Host == "alyx" && request.Header.Get("Authorization") == "Bearer token" && request.ContentLength >= 0 {
		status, text = s.answer(path, string(body))
	}
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	_, _ = io.WriteString(response, text)
}

func (s *fakeServer) seen() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string{}, s.calls...)
}

func serveOn(t *testing.T, path string, handler http.Handler) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

// harness is a worker in this process, with a server for its calls back.
type harness struct {
	t      *testing.T
	server *fakeServer
	client *http.Client
}

func start(t *testing.T, function *Function, answer func(path, body string) (int, string)) *harness {
	t.Helper()
	folder := t.TempDir()
	server := &fakeServer{answer: answer}
	serveOn(t, filepath.Join(folder, "s"), server)
	listener, err := listen(filepath.Join(folder, "w"))
	if err != nil {
		t.Fatal(err)
	}
	config := workerConfig{Server: filepath.Join(folder, "s"), Env: map[string]string{"KEY": "value"}, LogLimit: 20000}
	worker := newWorker(config, function, &output{running: map[*Log]struct{}{}})
	go func() { _ = worker.serve(listener) }()
	t.Cleanup(func() { _ = listener.Close() })
	return &harness{t, server, clientOf(filepath.Join(folder, "w"))}
}

func clientOf(socket string) *http.Client {
	return newClient(socket).http
}

type answered struct {
	RequestID string          `json:"request_id"`
	Success   bool            `json:"success"`
	Output    json.RawMessage `json:"output"`
	Error     *failure        `json:"error"`
	Logs      []logEntry      `json:"logs"`
}

// invoke calls with an input as JSON.
func (h *harness) invoke(input string) answered {
	h.t.Helper()
	result, err := invokeOver(context.Background(), h.client, input)
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

func invokeOver(ctx context.Context, client *http.Client, input string) (answered, error) {
	body := `{"request_id":"r1","function":"f","input":` + input + `,"context":{"auth":{"id":"u1","email":null,"role":"user",
		"verified":true,"metadata":{"a":1}},"request":{"id":"r1","trace_id":"t","method":"POST","ip":"::1","headers":{"x":"y"}},
		"internal_token":"token","timeout_ms":30000}}`
	var result answered
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://worker/invoke", bytes.NewReader([]byte(body)))
	if err != nil {
		return result, err
	}
	response, err := client.Do(request)
	if err != nil {
		return result, err
	}
	defer response.Body.Close()
	return result, json.NewDecoder(response.Body).Decode(&result)
}

// expectFailure compares status, code and message.
func (h *harness) expectFailure(input string, status int, code, message string) answered {
	h.t.Helper()
	result := h.invoke(input)
	if result.Success || result.Error == nil || result.Error.Status != status || result.Error.Code != code ||
		!strings.Contains(result.Error.Message, message) {
		h.t.Fatalf("%+v %+v, expected %d %s %s", result, result.Error, status, code, message)
	}
	return result
}

func nothing(string, string) (int, string) { return 404, `{"error":"no","code":"NOT_FOUND"}` }
