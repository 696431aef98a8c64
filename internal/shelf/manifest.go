package shelf

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

const (
	manifestKey  = "m"
	manifestForm = "0.json"
	formatNumber = 1
	hashKeyBytes = 32
)

// ErrUnusable reports a store whose manifest cannot be used by this program; the text says what to do.
var ErrUnusable = errors.New("the cache cannot be opened with these settings")

// manifest is the small entry that says how a store is to be read. It is plain JSON whatever the serializers are, since
// it is what names them.
type manifest struct {
	Format    int             `json:"format"`    // of the layout
	Pipelines []listed        `json:"pipelines"` // newest first
	HashKey   []byte          `json:"hash_key"`  // sealed by the pipeline HashSeal names
	HashSeal  string          `json:"hash_key_sealed_by,omitempty"`
	Larder    json.RawMessage `json:"larder"` // marks the end, as in every document
}

type listed struct {
	ID   string `json:"id"`
	Spec string `json:"spec"`
}

// layout is a manifest put to use. It never changes; a manifest that grew becomes a new layout.
type layout struct {
	manifest manifest
	version  store.Version
	hash     *hasher
	hashKey  []byte
	write    *codec.Pipeline
	writeID  string
	read     map[string]*codec.Pipeline // by id; what cannot be built is absent
}

// layout returns the layout in use, reading or making the manifest at the first call that succeeds.
func (s *Shelf) layout(ctx context.Context) (*layout, error) {
	if l := s.ready.Load(); l != nil {
		return l, nil
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if l := s.ready.Load(); l != nil {
		return l, nil
	}
	l, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	s.ready.Store(l)
	return l, nil
}

// reread looks for serializers that another process has added since.
func (s *Shelf) reread(ctx context.Context, seen *layout) (*layout, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if l := s.ready.Load(); l != seen {
		return l, nil
	}
	it, err := s.store.Get(ctx, manifestKey)
	if errors.Is(err, store.ErrNotFound) { // lost: whoever holds it open writes it again
		if _, err = s.putManifest(ctx, seen.manifest, store.Absent); errors.Is(err, store.ErrChanged) {
			it, err = s.store.Get(ctx, manifestKey)
		}
	}
	if err != nil || it.Version == seen.version || it.Version == store.Absent {
		return seen, err
	}
	l, err := s.open(ctx)
	if err != nil {
		return seen, err
	}
	s.ready.Store(l)
	return l, nil
}

// open reads the manifest, lists the chosen serializer in it, and makes one where none is.
func (s *Shelf) open(ctx context.Context) (*layout, error) {
	for range maxTries {
		it, err := s.store.Get(ctx, manifestKey)
		var m manifest
		switch {
		case errors.Is(err, store.ErrNotFound):
			it.Version = store.Absent
		case err != nil:
			return nil, err
		default:
			if m, err = parseManifest(it.Value); err != nil {
				return nil, err
			}
		}
		l, err := s.use(m, it.Version)
		if err != nil {
			return nil, err
		}
		if it.Version != store.Absent && len(l.manifest.Pipelines) == len(m.Pipelines) {
			return l, nil
		}
		l.version, err = s.putManifest(ctx, l.manifest, it.Version)
		if err == nil {
			return l, nil
		}
		if !errors.Is(err, store.ErrChanged) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("shelf: manifest: %w", store.ErrChanged)
}

func parseManifest(data []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("shelf: manifest: %w: not the JSON that larder writes: %v", ErrUnusable, err)
	}
	if m.Format > formatNumber {
		return m, fmt.Errorf("shelf: manifest: %w: format %d, this program knows formats up to %d: use a newer larder", codec.ErrVersion, m.Format, formatNumber)
	}
	if m.Format < 1 || len(m.Pipelines) == 0 || len(m.HashKey) == 0 || len(m.Larder) == 0 {
		return m, fmt.Errorf("shelf: manifest: %w: format, pipelines, hash_key or larder is missing", ErrUnusable)
	}
	return m, nil
}

func (s *Shelf) putManifest(ctx context.Context, m manifest, was store.Version) (store.Version, error) {
	m.Format = formatNumber
	m.Larder = json.RawMessage(strconv.Itoa(formatNumber))
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", err
	}
	return s.store.Put(ctx, manifestKey, store.Item{Value: append(data, '\n'), Form: manifestForm}, was)
}

// use builds the layout that m describes; an empty m is a new store's.
func (s *Shelf) use(m manifest, version store.Version) (*layout, error) {
	l := &layout{manifest: m, version: version, read: map[string]*codec.Pipeline{}}
	var why error
	for _, p := range m.Pipelines {
		pipe, err := s.opts.Codecs.Parse(p.Spec, s.opts.Keys)
		if s.chosen != nil && s.chosen.Name() == p.Spec {
			pipe, err = s.chosen, nil
		}
		if err != nil {
			why = errors.Join(why, fmt.Errorf("shelf: manifest: %w: it is written as %q: %w", ErrUnusable, p.Spec, err))
			continue
		}
		l.read[p.ID] = pipe
	}
	if err := l.choose(s.chosen, why); err != nil {
		return nil, err
	}
	if err := l.openHashKey(); err != nil {
		return nil, err
	}
	l.hash = newHasher(l.hashKey)
	return l, nil
}

// Serializers lists the specs of the manifest, newest first, after the one in use.
func (s *Shelf) Serializers(ctx context.Context) ([]string, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return nil, err
	}
	specs := []string{l.write.Name()}
	for _, p := range l.manifest.Pipelines {
		if p.Spec != l.write.Name() {
			specs = append(specs, p.Spec)
		}
	}
	return specs, nil
}

// choose sets the pipeline for new entries and lists it where it is not.
func (l *layout) choose(chosen *codec.Pipeline, why error) error {
	if chosen == nil && len(l.manifest.Pipelines) > 0 {
		l.writeID = l.manifest.Pipelines[0].ID
		l.write = l.read[l.writeID]
		if l.write == nil {
			return why
		}
		return nil
	}
	if chosen == nil {
		var err error
		if chosen, err = codec.AsPipeline(codec.Binary); err != nil {
			return err
		}
	}
	l.write = chosen
	for _, p := range l.manifest.Pipelines {
		if p.Spec == chosen.Name() {
			l.writeID = p.ID
			return nil
		}
	}
	l.writeID = nextID(l.manifest.Pipelines)
	l.read[l.writeID] = chosen
	l.manifest.Pipelines = slices.Concat([]listed{{l.writeID, chosen.Name()}}, l.manifest.Pipelines)
	return nil
}

func nextID(ps []listed) string {
	top := 0
	for _, p := range ps {
		if n, err := strconv.Atoi(p.ID); err == nil {
			top = max(top, n)
		}
	}
	return strconv.Itoa(top + 1)
}

// openHashKey makes the hash key of a new store, sealed where the pipeline seals, or opens that of a store in use.
func (l *layout) openHashKey() error {
	m := &l.manifest
	if len(m.HashKey) == 0 {
		l.hashKey = make([]byte, hashKeyBytes)
		rand.Read(l.hashKey) // never fails
		m.HashKey = l.hashKey
		if l.write.Plain() && !l.write.Seals() {
			return nil
		}
		sealed, err := l.write.Marshal(&record.Chunk{Set: manifestKey, Data: l.hashKey})
		if err != nil {
			return err
		}
		m.HashKey, m.HashSeal = sealed, l.writeID
		return nil
	}
	l.hashKey = m.HashKey
	if m.HashSeal == "" {
		return nil
	}
	pipe := l.read[m.HashSeal]
	if pipe == nil {
		return fmt.Errorf("shelf: manifest: %w: its hash key is sealed by pipeline %s, which cannot be built here", ErrUnusable, m.HashSeal)
	}
	var c record.Chunk
	if err := pipe.Unmarshal(m.HashKey, &c); err != nil {
		return fmt.Errorf("shelf: manifest: hash key: %w", err)
	}
	l.hashKey = c.Data
	return nil
}

// form is what the store is told about an item: the pipeline's id, what it is where that is no record, the extension.
func (l *layout) form(kind string) string { return l.formOf(kind, l.write.Ext()) }

func (l *layout) formOf(kind, ext string) string {
	return strings.Join(slices.DeleteFunc([]string{l.writeID, kind, ext}, func(s string) bool { return s == "" }), ".")
}
