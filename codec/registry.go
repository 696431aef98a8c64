package codec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/larder-go/larder/internal/nearest"
)

// Registry builds pipelines from specs. It is a value that is passed around; nothing registers itself. It is not
// changed once made, so it is safe for concurrent use.
type Registry struct{ makers map[string]Maker }

// Maker builds one part of a pipeline from its parameters.
type Maker struct {
	Name   string
	Params []string // that it takes
	Make   func(Params) (Part, error)
}

// Params are the parameters of one part of a spec, and the source of keys.
type Params struct {
	values map[string]string
	keys   KeySource
}

// Int returns the parameter as a whole number, or otherwise where it is not given.
func (p Params) Int(name string, otherwise int) (int, error) {
	s, ok := p.values[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%s: want a whole number, got %q", name, s)
	}
	return n, nil
}

// Text returns the parameter, or otherwise where it is not given.
func (p Params) Text(name, otherwise string) string {
	if s, ok := p.values[name]; ok {
		return s
	}
	return otherwise
}

// Key returns the named key from the source.
func (p Params) Key(name string) ([]byte, error) {
	if p.keys == nil {
		return nil, fmt.Errorf("it needs the key %q: give a KeySource", name)
	}
	return p.keys.Key(name)
}

// Std returns a registry of what this package has: binary, json, gzip, aesgcm.
func Std() *Registry {
	return new(Registry).With(
		Maker{Name: "binary", Make: func(Params) (Part, error) { return Binary, nil }},
		Maker{Name: "json", Make: func(Params) (Part, error) { return JSON, nil }},
		Maker{Name: "gzip", Params: []string{"level"}, Make: func(p Params) (Part, error) {
			level, err := p.Int("level", 0)
			if err != nil {
				return nil, err
			}
			return Gzip(level)
		}},
		Maker{Name: "aesgcm", Params: []string{"key"}, Make: makeAESGCM},
	)
}

// makeAESGCM takes the name of the key; the spec keeps it where it is not the default.
func makeAESGCM(p Params) (Part, error) {
	name := p.Text("key", "aesgcm")
	key, err := p.Key(name)
	if err != nil {
		return nil, err
	}
	s, err := AESGCM(key)
	if err != nil || name == "aesgcm" {
		return s, err
	}
	return named{s.(*aesgcm), "aesgcm(key=" + name + ")"}, nil
}

// named is a sealing stage whose spec says which key it uses.
type named struct {
	*aesgcm
	spec string
}

func (n named) Spec() string { return n.spec }

// With returns a registry that has the makers too; one of the same name takes the place of the old.
func (r *Registry) With(makers ...Maker) *Registry {
	all := maps.Clone(r.makers)
	if all == nil {
		all = map[string]Maker{}
	}
	for _, m := range makers {
		all[m.Name] = m
	}
	return &Registry{all}
}

// Names lists what the registry builds, sorted.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.makers)) }

// Parse builds the pipeline that spec describes: names with a bar between, parameters in parentheses,
// "json|gzip(level=9)". Secrets come from keys, never from the spec. Errors name the part and what is known instead.
func (r *Registry) Parse(spec string, keys KeySource) (*Pipeline, error) {
	var parts []Part
	for text := range strings.SplitSeq(spec, "|") {
		part, err := r.part(strings.TrimSpace(text), keys)
		if err != nil {
			return nil, fmt.Errorf("codec: spec %q: %w", spec, err)
		}
		parts = append(parts, part)
	}
	p, err := Pipe(parts...)
	if err != nil {
		return nil, fmt.Errorf("codec: spec %q: %w", spec, err)
	}
	return p, nil
}

func (r *Registry) part(text string, keys KeySource) (Part, error) {
	name, list, has := strings.Cut(text, "(")
	if has {
		var ok bool
		if list, ok = strings.CutSuffix(list, ")"); !ok {
			return nil, fmt.Errorf("%q: want ')' at its end", text)
		}
	}
	m, ok := r.makers[name]
	if !ok {
		return nil, fmt.Errorf("unknown name %q%s", name, suggest(name, r.Names()))
	}
	p := Params{values: map[string]string{}, keys: keys}
	for pair := range strings.SplitSeq(list, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch _, twice := p.values[key]; {
		case !ok:
			return nil, fmt.Errorf("%s: want name=value, got %q", name, pair)
		case !slices.Contains(m.Params, key):
			return nil, fmt.Errorf("%s: unknown parameter %q%s", name, key, suggest(key, m.Params))
		case twice:
			return nil, fmt.Errorf("%s: parameter %q stands twice", name, key)
		}
		p.values[key] = value
	}
	part, err := m.Make(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return part, nil
}

// suggest names the nearest known name, else all of them.
func suggest(got string, known []string) string {
	if near := nearest.Of(got, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 {
		return "; it takes none"
	}
	return "; known: " + strings.Join(known, ", ")
}
