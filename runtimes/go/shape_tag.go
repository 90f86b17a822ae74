package functions

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// itemsPrefix before a key makes it one of the items of a list.
const itemsPrefix = "items."

// tagSetters are the keys of an `alyx` tag that have a value.
var tagSetters = map[string]func(*rule, string) error{
	"default":   (*rule).setDefault,
	"enum":      (*rule).setEnum,
	"pattern":   (*rule).setPattern,
	"minLength": func(r *rule, text string) error { return setCount(&r.minLength, text, r, "string", "bytes") },
	"maxLength": func(r *rule, text string) error { return setCount(&r.maxLength, text, r, "string", "bytes") },
	"minItems":  func(r *rule, text string) error { return setCount(&r.minItems, text, r, "array") },
	"maxItems":  func(r *rule, text string) error { return setCount(&r.maxItems, text, r, "array") },
	"minimum":   func(r *rule, text string) error { return setBound(&r.minimum, text, r) },
	"maximum":   func(r *rule, text string) error { return setBound(&r.maximum, text, r) },
}

// applyTag adds what an `alyx` tag says: keys with commas between them; a pattern is the last, as it may hold commas.
func applyTag(target *rule, tag string) error {
	for rest := tag; rest != ""; {
		var entry string
		if isPattern(rest) {
			entry, rest = rest, ""
		} else {
			entry, rest, _ = strings.Cut(rest, ",")
		}
		if err := target.applyEntry(entry); err != nil {
			return fmt.Errorf("alyx tag: %w", err)
		}
	}
	if err := target.checkDefault(); err != nil {
		return fmt.Errorf("alyx tag: default: %w", err)
	}
	return nil
}

func isPattern(rest string) bool {
	for strings.HasPrefix(rest, itemsPrefix) {
		rest = strings.TrimPrefix(rest, itemsPrefix)
	}
	return strings.HasPrefix(rest, "pattern=")
}

func (r *rule) applyEntry(entry string) error {
	if inner := strings.TrimPrefix(entry, itemsPrefix); inner != entry {
		if r.items == nil {
			return fmt.Errorf("%s is for lists", itemsPrefix)
		}
		return r.items.applyEntry(inner)
	}
	switch entry {
	case "optional":
		r.optional = true
		return nil
	case "nullable":
		r.nullable = true
		return nil
	}
	key, text, hasValue := strings.Cut(entry, "=")
	set, known := tagSetters[key]
	switch {
	case !known:
		return fmt.Errorf("there is no key %q", key)
	case !hasValue:
		return fmt.Errorf("%s needs a value", key)
	}
	if err := set(r, text); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func (r *rule) onlyFor(kinds ...string) error {
	for _, kind := range kinds {
		if r.kind == kind {
			return nil
		}
	}
	return fmt.Errorf("is for %s and not for %s", strings.Join(kinds, " and "), r.kind)
}

func setCount(target **int, text string, of *rule, kinds ...string) error {
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 {
		return fmt.Errorf("needs a whole number and not %q", text)
	}
	*target = &count
	return of.onlyFor(kinds...)
}

func setBound(target **float64, text string, of *rule) error {
	bound, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(bound, 0) || math.IsNaN(bound) {
		return fmt.Errorf("needs a number and not %q", text)
	}
	*target = &bound
	return of.onlyFor("number", "integer")
}

func (r *rule) setPattern(text string) error {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return err
	}
	r.pattern = pattern
	return r.onlyFor("string")
}

func (r *rule) setEnum(text string) error {
	for _, word := range strings.Split(text, "|") {
		value, err := r.literal(word)
		if err != nil {
			return err
		}
		r.enum = append(r.enum, value)
	}
	return r.onlyFor("string", "number", "integer")
}

func (r *rule) setDefault(text string) error {
	value, err := r.literal(text)
	r.fallback = value
	return err
}

// checkDefault makes sure that the rule itself lets its default in.
func (r *rule) checkDefault() error {
	if r.fallback == nil {
		return nil
	}
	parsed, err := parseValue(r.fallback)
	if err != nil {
		return err
	}
	found := &faults{}
	r.check("", parsed, found)
	if len(found.all) > 0 {
		return fmt.Errorf("%s %s", r.fallback, found.all[0].Message)
	}
	return nil
}

// literal is a value of a tag as JSON: text for strings, and JSON for everything else.
func (r *rule) literal(text string) (json.RawMessage, error) {
	if r.kind == "string" || r.kind == "bytes" {
		return json.Marshal(text)
	}
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("%q is not JSON", text)
	}
	return json.RawMessage(text), nil
}
