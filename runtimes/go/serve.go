package functions

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
)

// settingsVariable holds what the server tells the worker.
const settingsVariable = "ALYX_WORKER"

// workerConfig is what the server tells the worker.
type workerConfig struct {
	Function string            `json:"function"`
	Socket   string            `json:"socket"`
	Server   string            `json:"server"`
	Env      map[string]string `json:"env"`
	LogLimit int               `json:"log_limit"`
}

// told is the text of the variable; it is gone from the environment before the function's own variables are made.
var told = takeSettings()

func takeSettings() string {
	text, found := os.LookupEnv(settingsVariable)
	if !found {
		return ""
	}
	_ = os.Unsetenv(settingsVariable)
	var config workerConfig
	if json.Unmarshal([]byte(text), &config) == nil {
		for name, value := range config.Env {
			_ = os.Setenv(name, value)
		}
	}
	return text
}

// Serve answers the calls of a function until the server ends the program; a generated main calls it.
func Serve(function *Function) {
	if err := serve(function); err != nil {
		fmt.Fprintln(os.Stderr, "alyx worker:", err)
		os.Exit(1)
	}
}

func serve(function *Function) error {
	if told == "" {
		return fmt.Errorf("this is a function of an Alyx project, which the server starts with %s", settingsVariable)
	}
	var config workerConfig
	if err := json.Unmarshal([]byte(told), &config); err != nil {
		return fmt.Errorf("%s cannot be read: %w", settingsVariable, err)
	}
	listener, err := listen(config.Socket)
	if err != nil {
		return err
	}
	realError := os.Stderr
	printed, err := captureOutput()
	if err != nil {
		return err
	}
	err = newWorker(config, function, printed).serve(listener)
	os.Stderr = realError
	return err
}

// listen makes the socket, for its owner alone from the first moment.
func listen(socket string) (net.Listener, error) {
	if info, err := os.Lstat(socket); err == nil && info.Mode()&os.ModeSocket != 0 {
		if err := os.Remove(socket); err != nil {
			return nil, err
		}
	}
	before := syscall.Umask(0o177)
	defer syscall.Umask(before)
	return net.Listen("unix", socket)
}

// worker serves one function.
type worker struct {
	config   workerConfig
	function *Function
	client   *client
	output   *output
}

func newWorker(config workerConfig, function *Function, printed *output) *worker {
	if function == nil {
		function = &Function{broken: &loadFault{Message: "the variable Function is nil"}}
	}
	return &worker{config: config, function: function, client: newClient(config.Server), output: printed}
}

func (w *worker) serve(listener net.Listener) error {
	routes := http.NewServeMux()
	routes.HandleFunc("/health", w.health)
	routes.HandleFunc("/invoke", w.invoke)
	server := &http.Server{Handler: routes}
	return server.Serve(listener)
}

// health answers whether the function is loaded, and with which shapes.
func (w *worker) health(response http.ResponseWriter, _ *http.Request) {
	if fault := w.function.broken; fault != nil {
		answer(response, http.StatusInternalServerError, map[string]any{"ready": false, "error": fault})
		return
	}
	answer(response, http.StatusOK, map[string]any{
		"ready": true, "input": w.function.input, "output": w.function.output,
	})
}
