//! What is measured is made of this: the same in every run.

/// A fixed pseudo-random sequence (splitmix64).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    #[expect(clippy::allow_attributes, reason = "alive in some benches, dead in others")]
    #[allow(dead_code, reason = "not every bench picks")]
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.next() % from.len() as u64).unwrap();
        *from.get(index).unwrap()
    }

    /// Words of which some are far more frequent than others.
    pub(crate) fn words(&mut self, count: usize) -> String {
        let word = |_| {
            let bound = 1 + self.next() % 4_000;
            format!("word{} ", self.next() % bound)
        };
        (0..count).map(word).collect()
    }

    #[expect(clippy::allow_attributes, reason = "alive in some benches, dead in others")]
    #[allow(dead_code, reason = "not every bench has dense vectors")]
    pub(crate) fn direction(&mut self, dimensions: u32) -> Vec<f32> {
        let value = |_| {
            let value = u16::try_from(self.next() % 2_001).unwrap();
            f32::from(value) / 1_000.0 - 1.0
        };
        (0..dimensions).map(value).collect()
    }
}
