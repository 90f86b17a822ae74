package functions

import (
	"bytes"
	"fmt"
	"net"
	"testing"
)

// BenchmarkCall is one warm call over the socket, with next to nothing on this side of it.
func BenchmarkCall(b *testing.B) {
	p := run(b)
	p.health(b)
	connection, err := net.Dial("unix", p.socket)
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close()
	body := `{"request_id":"r","function":"f","input":{"do":""},"context":{"auth":null,"internal_token":"t","timeout_ms":30000}}`
	request := []byte(fmt.Sprintf("POST /invoke HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	answer := make([]byte, 4096)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if _, err := connection.Write(request); err != nil {
			b.Fatal(err)
		}
		for got := 0; !bytes.Contains(answer[:got], []byte("duration_ms")); {
			count, err := connection.Read(answer[got:])
			if err != nil {
				b.Fatal(err)
			}
			got += count
		}
	}
}

// BenchmarkStart is from spawning a program to its first answer.
func BenchmarkStart(b *testing.B) {
	if _, err := build(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		p := run(b)
		p.health(b)
		p.stop()
	}
}
