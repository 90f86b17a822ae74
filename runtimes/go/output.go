package functions

import (
	"bytes"
	"log"
	"os"
	"sync"
	"syscall"
	"time"
)

// output reads what the function prints. Go cannot tell which goroutine printed, so a line belongs to a call
// where exactly one runs; any other goes to the worker's real output.
type output struct {
	mutex   sync.Mutex
	running map[*Log]struct{}
	streams []*stream
}

// stream is standard output or standard error.
type stream struct {
	level   string
	real    *os.File
	pipe    syscall.RawConn
	partial []byte
	// dropping is set where the rest of a line is longer than is kept.
	dropping bool
	buffer   []byte
}

// captureOutput puts pipes in the place of [os.Stdout] and [os.Stderr].
func captureOutput() (*output, error) {
	out := &output{running: map[*Log]struct{}{}}
	for _, place := range []struct {
		file  **os.File
		level string
	}{{&os.Stdout, "info"}, {&os.Stderr, "error"}} {
		reader, writer, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		pipe, err := reader.SyscallConn()
		if err != nil {
			return nil, err
		}
		captured := &stream{level: place.level, real: *place.file, pipe: pipe, buffer: make([]byte, 32*1024)}
		*place.file = writer
		out.streams = append(out.streams, captured)
		go out.follow(captured, reader)
	}
	log.SetOutput(os.Stderr)
	return out, nil
}

// follow reads for as long as the worker runs, so that no printing waits on a full pipe.
func (o *output) follow(from *stream, keepOpen *os.File) {
	defer keepOpen.Close()
	for open := true; open; {
		err := from.pipe.Read(func(descriptor uintptr) bool {
			o.mutex.Lock()
			defer o.mutex.Unlock()
			var waiting bool
			open, waiting = o.readOnce(from, descriptor)
			return !waiting
		})
		open = open && err == nil
	}
}

// readOnce takes what the pipe holds, and says whether it is open and whether there was nothing yet.
// The mutex is held from reading to attributing, so that begin and end see each line on one side.
func (o *output) readOnce(from *stream, descriptor uintptr) (open, waiting bool) {
	count, err := syscall.Read(int(descriptor), from.buffer)
	switch {
	case err == syscall.EAGAIN:
		return true, true
	case err == syscall.EINTR:
		return true, false
	case err != nil || count <= 0:
		return false, false
	}
	from.take(from.buffer[:count], o.only())
	return true, false
}

// only is the log of the one call that runs; nil where there are several or none.
func (o *output) only() *Log {
	if len(o.running) != 1 {
		return nil
	}
	for log := range o.running {
		return log
	}
	return nil
}

// begin says that a call runs from now on.
func (o *output) begin(log *Log) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.drain()
	o.running[log] = struct{}{}
}

// end says that a call runs no longer; what it printed is in its log then.
func (o *output) end(log *Log) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.drain()
	delete(o.running, log)
}

// realOutput is where the worker's own standard output goes.
func (o *output) realOutput() *os.File {
	if len(o.streams) == 0 {
		return os.Stdout
	}
	return o.streams[0].real
}

// drain attributes everything printed so far.
func (o *output) drain() {
	for _, from := range o.streams {
		_ = from.pipe.Control(func(descriptor uintptr) {
			for {
				if open, waiting := o.readOnce(from, descriptor); !open || waiting {
					return
				}
			}
		})
		from.flush(o.only())
	}
}

func (s *stream) take(text []byte, owner *Log) {
	if owner == nil {
		s.flush(nil)
		_, _ = s.real.Write(text)
		return
	}
	for {
		line, rest, complete := bytes.Cut(text, []byte("\n"))
		s.extend(line)
		if !complete {
			return
		}
		s.entry(owner)
		text = rest
	}
}

// extend keeps of a line what a log entry may hold, and no more.
func (s *stream) extend(text []byte) {
	room := maxMessage - len(s.partial)
	if s.dropping || len(text) > room {
		s.dropping = true
		text = text[:min(room, len(text))]
	}
	s.partial = append(s.partial, text...)
}

// flush lets go of a line that has no end yet.
func (s *stream) flush(owner *Log) {
	if len(s.partial) == 0 {
		return
	}
	if owner != nil {
		s.entry(owner)
		return
	}
	_, _ = s.real.Write(s.partial)
	s.partial, s.dropping = s.partial[:0], false
}

func (s *stream) entry(owner *Log) {
	message := cut(string(bytes.TrimSuffix(s.partial, []byte("\r"))), maxMessage)
	s.partial, s.dropping = s.partial[:0], false
	owner.append(logEntry{Level: s.level, Message: message, Time: time.Now().UTC().Format(logTimeFormat)})
}
