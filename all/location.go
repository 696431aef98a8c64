package all

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/larder-go/larder/internal/nearest"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
	"github.com/larder-go/larder/store/memstore"
	"github.com/larder-go/larder/store/sqlitestore"
)

// location is a location string taken apart.
type location struct {
	kind   kind
	path   string
	params map[string]string
}

// opened is a store with an end.
type opened interface {
	store.Store
	Close() error
}

// kind is a scheme of locations.
type kind struct {
	name   string
	path   bool     // it needs one
	params []string // beside codec
	open   func(location) (opened, error)
}

func kinds() []kind {
	return []kind{
		{"memory", false, []string{"max_bytes", "max_entry"}, openMemory},
		{"file", true, []string{"max_bytes", "max_entry", "sync"}, openFile},
		{"sqlite", true, []string{"max_bytes", "max_entry"}, openSQLite},
	}
}

func (l location) open() (opened, error) { return l.kind.open(l) }

func parse(s string) (location, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return location{}, errors.New("want KIND:PATH, such as file:my_cache or sqlite:cache.db")
	}
	l := location{params: map[string]string{}}
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
		if k.name == scheme {
			l.kind = k
		}
	}
	if l.kind.name == "" {
		return l, fmt.Errorf("unknown kind %q%s", scheme, suggest(scheme, names))
	}
	var query string
	l.path, query, _ = strings.Cut(rest, "?")
	switch {
	case l.kind.path && l.path == "":
		return l, fmt.Errorf("%s: needs a path", l.kind.name)
	case !l.kind.path && l.path != "":
		return l, fmt.Errorf("%s: takes no path, got %q", l.kind.name, l.path)
	}
	if err := l.addParams(query); err != nil {
		return l, err
	}
	_, _, err := l.limits()
	return l, err
}

func (l *location) addParams(query string) error {
	known := append([]string{"codec"}, l.kind.params...)
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("parameter %q: want name=value", name)
		}
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown parameter %q%s", name, suggest(name, known))
		}
		if _, twice := l.params[name]; twice {
			return fmt.Errorf("parameter %q stands twice", name)
		}
		plain, err := url.PathUnescape(value)
		if err != nil {
			return fmt.Errorf("parameter %q: a %% that is no escape", name)
		}
		l.params[name] = plain
	}
	return nil
}

func openMemory(l location) (opened, error) {
	total, entry, err := l.limits()
	if err != nil {
		return nil, err
	}
	return memstore.New(&memstore.Options{MaxBytes: total, MaxEntry: entry}), nil
}

func openSQLite(l location) (opened, error) {
	total, entry, err := l.limits()
	if err != nil {
		return nil, err
	}
	return sqlitestore.Open(l.path, &sqlitestore.Options{MaxBytes: total, MaxEntry: entry})
}

func openFile(l location) (opened, error) {
	total, entry, err := l.limits()
	if err != nil {
		return nil, err
	}
	o := filestore.Options{MaxBytes: total, MaxEntry: entry}
	if s, ok := l.params["sync"]; ok {
		if o.Sync, err = strconv.ParseBool(s); err != nil {
			return nil, fmt.Errorf("sync: want true or false, got %q", s)
		}
	}
	return filestore.Open(l.path, &o)
}

// limits are max_bytes and max_entry; 0 where they are not given.
func (l location) limits() (total, entry int64, err error) {
	if total, err = l.bytes("max_bytes"); err == nil {
		entry, err = l.bytes("max_entry")
	}
	return total, entry, err
}

// units of a number of bytes, as programs like dd write them.
var units = map[string]int64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

// bytes is a parameter such as 500M.
func (l location) bytes(name string) (int64, error) {
	text, ok := l.params[name]
	if !ok {
		return 0, nil
	}
	digits := strings.TrimRight(text, "KMGT")
	unit, known := units[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 1 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%s: want a number of bytes, such as 500M, got %q", name, text)
	}
	return n * unit, nil
}

func suggest(got string, known []string) string {
	if near := nearest.Of(got, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; known: " + strings.Join(known, ", ")
}
