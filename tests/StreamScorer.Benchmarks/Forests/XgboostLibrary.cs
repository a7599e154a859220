using System.Runtime.InteropServices;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>The C library of XGBoost, a peer; present where the package libxgboost0 is installed.</summary>
internal static partial class XgboostLibrary
{
    private const string Library = "xgboost";

    static XgboostLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(XgboostLibrary).Assembly,
        (name, _, _) => name == Library && TryLoad(out var handle) ? handle : 0);

    public static bool IsPresent => TryLoad(out _);

    public static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"XGBoost: {Marshal.PtrToStringUTF8(XGBGetLastError())}");
    }

    private static bool TryLoad(out nint handle) =>
        NativeLibrary.TryLoad("libxgboost.so.0", out handle) || NativeLibrary.TryLoad("libxgboost.so", out handle);

    [LibraryImport(Library)]
    private static partial nint XGBGetLastError();

    [LibraryImport(Library)]
    public static unsafe partial int XGDMatrixCreateFromMat(float* data, ulong rows, ulong columns, float missing, out nint matrix);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int XGDMatrixSetFloatInfo(nint matrix, string field, float* values, ulong length);

    [LibraryImport(Library)]
    public static partial int XGDMatrixFree(nint matrix);

    [LibraryImport(Library)]
    public static unsafe partial int XGBoosterCreate(nint* matrices, ulong length, out nint booster);

    [LibraryImport(Library)]
    public static partial int XGBoosterFree(nint booster);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int XGBoosterSetParam(nint booster, string name, string value);

    [LibraryImport(Library)]
    public static partial int XGBoosterUpdateOneIter(nint booster, int iteration, nint matrix);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int XGBoosterSaveModelToBuffer(nint booster, string config, out ulong length, out byte* bytes);

    [LibraryImport(Library)]
    public static unsafe partial int XGBoosterPredictFromDense(
        nint booster, byte* arrayInterface, byte* config, nint matrix, out ulong* shape, out ulong dimensions, out float* result);
}
