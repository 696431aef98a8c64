package all

import (
	"errors"
	"fmt"
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
		{"memory", false, []string{"max_bytes"}, openMemory},
		{"file", true, []string{"sync"}, openFile},
		{"sqlite", true, nil, func(l location) (opened, error) { return sqlitestore.Open(l.path) }},
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
	return l, l.addParams(query)
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
	var o memstore.Options
	if s, ok := l.params["max_bytes"]; ok {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("max_bytes: want a number of bytes, got %q", s)
		}
		o.MaxBytes = n
	}
	return memstore.New(&o), nil
}

func openFile(l location) (opened, error) {
	var o filestore.Options
	if s, ok := l.params["sync"]; ok {
		on, err := strconv.ParseBool(s)
		if err != nil {
			return nil, fmt.Errorf("sync: want true or false, got %q", s)
		}
		o.Sync = on
	}
	return filestore.Open(l.path, &o)
}

func suggest(got string, known []string) string {
	if near := nearest.Of(got, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; known: " + strings.Join(known, ", ")
}
