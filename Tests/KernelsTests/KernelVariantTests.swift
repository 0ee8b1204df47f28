import Kernels
import Testing

@Suite("choosing kernels")
struct KernelVariantTests {
    @Test("every machine can run the scalar kernels, and the active ones are among the available")
    func scalarIsAlwaysThere() {
        #expect(Kernels.available.first == .scalar)
        #expect(Kernels.available.contains(Kernels.active))
    }

    @Test("a setting that names an available variant gets it", arguments: Kernels.available)
    func settingDecides(_ variant: KernelVariant) {
        #expect(Kernels.variant(forSetting: variant.name) == variant)
    }

    @Test(
        "an unknown setting, or none, gets the best available variant",
        arguments: [nil, "", "AVX2", "avx", "sse", "avx512 "]
    )
    func unknownSettingFallsBack(_ setting: String?) {
        #expect(Kernels.variant(forSetting: setting) == Kernels.available.last)
    }

    @Test("a forced variant is active inside and gone afterwards", arguments: Kernels.available)
    func forcedVariant(_ variant: KernelVariant) {
        #expect(Kernels.withVariant(variant) { Kernels.active } == variant)
        // Another suite may force its own meanwhile, so look from inside the turn of a second call.
        #expect(Kernels.withVariant(.scalar) { Kernels.active } == .scalar)
    }
}
