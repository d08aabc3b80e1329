//! The elements of arrays, the members of objects and the contents of variants, each a step of the way.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Fault, KeySlot, Step, Track, TrackedSeed, TrackedVisitor};

pub(super) struct TrackedSeq<'t, 'de, A> {
    pub(super) inner: A,
    pub(super) track: &'t Track<'de>,
    /// How many elements have begun.
    pub(super) index: usize,
}

/// Counts an element when it begins; what goes wrong between two elements is the fault of the first.
struct Counted<'c, S> {
    index: &'c mut usize,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Counted<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        *self.index += 1;
        self.seed.deserialize(inner)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for TrackedSeq<'_, 'de, A> {
    type Error = Fault<A::Error>;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let Self { inner, track, index } = self;
        let element =
            inner.next_element_seed(Counted { index, seed: TrackedSeed { inner: seed, track, key: None } });
        track.passed(element, || index.checked_sub(1).map(Step::Index)).map_err(Fault::Inner)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

pub(super) struct TrackedMap<'t, 'de, A> {
    pub(super) inner: A,
    pub(super) track: &'t Track<'de>,
    /// The key whose value comes next.
    pub(super) key: KeySlot<'de>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for TrackedMap<'_, 'de, A> {
    type Error = Fault<A::Error>;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Self::Error> {
        let seed = TrackedSeed { inner: seed, track: self.track, key: Some(&self.key) };
        let key = self.inner.next_key_seed(seed);
        // A key that is refused (an unknown field) is at fault itself; its member is the place. Of a key that is no text,
        // it is not known how it is written.
        let text = || self.key.take().filter(|step| matches!(step, Step::Name(_)));
        self.track.passed(key, text).map_err(Fault::Inner)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Self::Error> {
        let value = self.inner.next_value_seed(TrackedSeed { inner: seed, track: self.track, key: None });
        self.track.passed(value, || self.key.take()).map_err(Fault::Inner)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

pub(super) struct TrackedEnum<'t, 'de, A> {
    pub(super) inner: A,
    pub(super) track: &'t Track<'de>,
    /// Set when the enum is itself a key.
    pub(super) key: Option<&'t KeySlot<'de>>,
}

impl<'t, 'de, A: EnumAccess<'de>> EnumAccess<'de> for TrackedEnum<'t, 'de, A> {
    type Error = Fault<A::Error>;
    type Variant = TrackedVariant<'t, 'de, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Self::Error> {
        let name = KeySlot::default();
        let seed = TrackedSeed { inner: seed, track: self.track, key: Some(self.key.unwrap_or(&name)) };
        let (value, inner) = self.inner.variant_seed(seed).map_err(Fault::Inner)?;
        Ok((value, TrackedVariant { inner, track: self.track, name: name.take() }))
    }
}

pub(super) struct TrackedVariant<'t, 'de, A> {
    inner: A,
    track: &'t Track<'de>,
    name: Option<Step<'de>>,
}

impl<'de, A: VariantAccess<'de>> TrackedVariant<'_, 'de, A> {
    /// A variant's content is the value of the member that has the variant's name, unless there is no content: then the
    /// document has a bare string, and that is the place.
    fn within<T>(
        track: &Track<'de>,
        name: Option<Step<'de>>,
        result: Result<T, A::Error>,
    ) -> Result<T, Fault<A::Error>> {
        let bare = |error: &A::Error| error.to_string().starts_with("invalid type: unit variant");
        let name = if result.as_ref().is_err_and(bare) { None } else { name };
        track.passed(result, || name).map_err(Fault::Inner)
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for TrackedVariant<'_, 'de, A> {
    type Error = Fault<A::Error>;

    fn unit_variant(self) -> Result<(), Self::Error> {
        let result = self.inner.unit_variant();
        Self::within(self.track, self.name, result)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        let seed = TrackedSeed { inner: seed, track: self.track, key: None };
        let result = self.inner.newtype_variant_seed(seed);
        Self::within(self.track, self.name, result)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        let visitor = TrackedVisitor { inner: visitor, track: self.track, key: None };
        let result = self.inner.tuple_variant(len, visitor);
        Self::within(self.track, self.name, result)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let visitor = TrackedVisitor { inner: visitor, track: self.track, key: None };
        let result = self.inner.struct_variant(fields, visitor);
        Self::within(self.track, self.name, result)
    }
}
