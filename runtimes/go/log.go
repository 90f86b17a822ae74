package functions

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// maxMessage is how much of one message is kept, in bytes.
	maxMessage = 8 * 1024
	// defaultLogLimit is for a server that names none.
	defaultLogLimit = 256 * 1024
	logTimeFormat   = "2006-01-02T15:04:05.000Z"
)

// Log is the log of one call. Its methods may be used by several goroutines at once.
type Log struct {
	mutex   sync.Mutex
	entries []logEntry
	room    int
	full    bool
	ended   bool
	// after takes what is logged when the call has been answered already.
	after func(line string)
}

type logEntry struct {
	Level   string          `json:"level"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
	Time    string          `json:"time"`
}

func newLog(limit int, after func(line string)) *Log {
	if limit <= 0 {
		limit = defaultLogLimit
	}
	return &Log{entries: []logEntry{}, room: limit, after: after}
}

// Debug logs what only helps to find a fault. For data see [Log.Info].
func (l *Log) Debug(message string, data ...any) { l.add("debug", message, data) }

// Info logs a message with data: one map or struct, or names and values in turn ("postId", id).
func (l *Log) Info(message string, data ...any) { l.add("info", message, data) }

// Warn logs what may be wrong. For data see [Log.Info].
func (l *Log) Warn(message string, data ...any) { l.add("warn", message, data) }

// Error logs what is wrong. For data see [Log.Info].
func (l *Log) Error(message string, data ...any) { l.add("error", message, data) }

func (l *Log) add(level, message string, data []any) {
	// What is logged is what it was at that moment, so it is encoded here and not with the answer.
	l.append(logEntry{
		Level:   level,
		Message: cut(message, maxMessage),
		Data:    encodeData(data),
		Time:    time.Now().UTC().Format(logTimeFormat),
	})
}

func (l *Log) append(entry logEntry) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	size := len(entry.Message) + len(entry.Data)
	switch {
	case l.ended:
		l.after(entry.Message)
	case l.full:
	case size > l.room:
		l.full = true
		l.entries = append(l.entries, logEntry{
			Level: "warn", Message: "more was logged than is kept", Time: entry.Time,
		})
	default:
		l.room -= size
		l.entries = append(l.entries, entry)
	}
}

// end returns what was logged; what comes later belongs to no call.
func (l *Log) end() []logEntry {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.ended = true
	return l.entries
}

// encodeData is the data of an entry as JSON. What JSON cannot say is logged as Go prints it: a log never fails.
func encodeData(data []any) json.RawMessage {
	if len(data) == 0 {
		return nil
	}
	value := data[0]
	if len(data) > 1 {
		value = pairs(data)
	}
	if err, ok := value.(error); ok {
		value = err.Error()
	}
	encoded, err := encodeJSON(value)
	if err != nil {
		encoded, _ = encodeJSON(fmt.Sprintf("%+v", value))
	}
	return encoded
}

// pairs makes one object of names and values in turn.
func pairs(data []any) *object {
	result := &object{values: map[string]any{}}
	for i := 0; i < len(data); i += 2 {
		name := fmt.Sprint(data[i])
		if i+1 == len(data) {
			result.set("?", data[i])
			break
		}
		value := data[i+1]
		if err, ok := value.(error); ok {
			value = err.Error()
		}
		result.set(name, value)
	}
	return result
}

// cut keeps at most limit bytes, and whole characters.
func cut(text string, limit int) string {
	if len(text) > limit {
		end := limit
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
