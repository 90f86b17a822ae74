package functions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is the folder of the program, once a test asked for it.
var built string

// build puts a program together as the server does.
var build = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "alyx-go-")
	if err != nil {
		return "", err
	}
	built = folder
	library, err := os.Getwd()
	if err != nil {
		return "", err
	}
	filled := strings.NewReplacer("{{go}}", "1.21", "{{library}}", library)
	for from, to := range map[string]string{
		"testdata/noisy.go": "noisy.go", "template/main.go.txt": "alyx.main.go", "template/go.mod.txt": "go.mod",
	} {
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(folder, to), []byte(filled.Replace(string(text))), 0o600); err != nil {
			return "", err
		}
	}
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", "program", ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return folder, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// program is a running worker.
type program struct {
	client  *http.Client
	command *exec.Cmd
	socket  string
	printed *bytes.Buffer
	failed  *bytes.Buffer
	exited  chan error
	once    sync.Once
}

func run(t testing.TB) *program {
	t.Helper()
	folder, err := build()
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	p := &program{
		socket:  filepath.Join(own, "w"),
		command: exec.Command(filepath.Join(folder, "program")),
		printed: &bytes.Buffer{}, failed: &bytes.Buffer{}, exited: make(chan error, 1),
	}
	config, err := json.Marshal(map[string]any{
		"function": "noisy", "socket": p.socket, "server": filepath.Join(own, "s"),
		"env": map[string]string{"KEY": "secret"}, "log_limit": 100000,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.command.Env = []string{"PATH=" + os.Getenv("PATH"), "ALYX_WORKER=" + string(config)}
	p.command.Stdout, p.command.Stderr = p.printed, p.failed
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.command.Wait() }()
	t.Cleanup(p.stop)
	p.client = clientOf(p.socket)
	return p
}

// stop ends the program; only then may be read what it printed.
func (p *program) stop() {
	p.once.Do(func() {
		_ = p.command.Process.Kill()
		<-p.exited
	})
}

// health asks until the program answers.
func (p *program) health(t testing.TB) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		response, err := p.client.Get("http://worker/health")
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		return string(body)
	}
	t.Fatal("the program does not answer")
	return ""
}

func (p *program) do(what string) (answered, error) {
	return invokeOver(context.Background(), p.client, `{"do":"`+what+`"}`)
}

func TestAProgramIsReadyWithItsShapes(t *testing.T) {
	p := run(t)
	if health := p.health(t); health != `{"input":{"do":{"type":"string"}},"output":null,"ready":true}` {
		t.Error(health)
	}
	info, err := os.Stat(p.socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	result, err := p.do("")
	if err != nil || string(result.Output) != `{"atLoad":"secret","key":"secret","worker":""}` {
		t.Errorf("%s %v", result.Output, err)
	}
}

func TestWhatIsPrintedIsLogged(t *testing.T) {
	p := run(t)
	p.health(t)
	for round := 0; round < 50; round++ {
		result, err := p.do("print")
		if err != nil {
			t.Fatal(err)
		}
		lines := map[string][]string{}
		for _, entry := range result.Logs {
			lines[entry.Level] = append(lines[entry.Level], entry.Message)
		}
		if fmt.Sprint(lines) != "map[error:[three four] info:[one two é no end]]" {
			t.Fatalf("%v", lines)
		}
	}
	p.stop()
	if p.printed.Len()+p.failed.Len() != 0 {
		t.Errorf("the worker itself printed %s %s", p.printed, p.failed)
	}
}

func TestAFloodIsCut(t *testing.T) {
	p := run(t)
	p.health(t)
	result, err := p.do("flood")
	if err != nil || len(result.Logs) < 3 {
		t.Fatalf("%d entries, %v", len(result.Logs), err)
	}
	if first := result.Logs[0].Message; len(first) != maxMessage {
		t.Errorf("%d bytes", len(first))
	}
	if last := result.Logs[len(result.Logs)-1]; last.Message != "more was logged than is kept" {
		t.Errorf("%+v", last)
	}
}

func TestLinesOfTwoCallsAtOnceBelongToNeither(t *testing.T) {
	p := run(t)
	p.health(t)
	var group sync.WaitGroup
	for call := 0; call < 2; call++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if result, err := p.do("meet"); err != nil || len(result.Logs) != 0 {
				t.Errorf("%+v %v", result, err)
			}
		}()
	}
	group.Wait()
	p.stop()
	if !strings.Contains(p.printed.String(), "printed by one of two\n") {
		t.Errorf("the worker printed %q", p.printed)
	}
}

func TestWhatNoCallCanCatchEndsTheProgram(t *testing.T) {
	for what, said := range map[string]string{"exit": "", "goroutine": "panic: in a goroutine"} {
		p := run(t)
		p.health(t)
		if _, err := p.do(what); err == nil {
			t.Errorf("%s was answered", what)
		}
		select {
		case err := <-p.exited:
			p.exited <- err
		case <-time.After(20 * time.Second):
			t.Fatalf("%s does not end the program", what)
		}
		p.stop()
		if !strings.Contains(p.failed.String(), said) {
			t.Errorf("%s said %s", what, p.failed)
		}
	}
}

func TestAProgramWithoutSettingsSaysWhatItIs(t *testing.T) {
	folder, err := build()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(folder, "program"))
	command.Env = []string{}
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "which the server starts") {
		t.Errorf("%v %s", err, output)
	}
}
