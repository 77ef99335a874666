package dev.tandem.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * DuckDB's driver, which writes Parquet. Its 80 MB are no part of an install: Maven fetches them
 * for those who want them, and it is looked for where Maven puts it.
 */
final class DuckDb {
  private static final String VERSION = "2.0.0.1";

  static final String MISSING =
      "Parquet is written by DuckDB, whose driver is not on this machine: run mvn dependency:get -Dtransitive=false -Dartifact=org.duckdb:duckdb_jdbc:%s once, name its jar with --duckdb, or write .csv or .jsonl"
          .formatted(VERSION);

  private DuckDb() {}

  /** The driver's jar: the one that is named, or the newest that Maven has fetched. */
  static Optional<Path> jar(Path named) throws IOException {
    if (!named.toString().isEmpty()) {
      if (!Files.isRegularFile(named)) {
        throw UserException.usage(named + " does not exist; name DuckDB's JDBC driver");
      }
      if (!holdsDriver(named)) {
        throw UserException.usage(
            "%s is no JDBC driver of DuckDB; name the jar of org.duckdb:duckdb_jdbc"
                .formatted(named));
      }
      return Optional.of(named);
    }
    return newest(
        Path.of(System.getProperty("user.home"), ".m2/repository/org/duckdb/duckdb_jdbc"));
  }

  private static boolean holdsDriver(Path jar) throws IOException {
    try (ZipFile classes = new ZipFile(jar.toFile())) {
      return classes.getEntry("org/duckdb/DuckDBDriver.class") != null;
    } catch (ZipException noJar) {
      return false;
    }
  }

  static Optional<Path> newest(Path versions) throws IOException {
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(versions, 2)) {
      return files
          .filter(file -> file.getFileName().toString().matches("duckdb_jdbc-[0-9.]+\\.jar"))
          .max(Path::compareTo);
    }
  }
}
